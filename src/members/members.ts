import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';

import type { Brand } from '../brand/brand.ts';
import type { Profile } from '../contract/profile.ts';
import { PermanentError } from '../core/errors.ts';
import { applyEvents } from '../ledger/apply.ts';
import { brandsOf } from '../ledger/batch.ts';
import { listMessages } from '../message/messages.ts';
import { emptiedAmong } from '../message/retention.ts';
import { transaction } from '../postgres/pool.ts';
import { readProfiles } from '../profile/ledger.ts';
import { sweepOutbox } from '../transports/outbox-sweep.ts';
import { affectedMessages, type AffectedMessage } from './affected.ts';
import { audit, type Look } from './audit.ts';
import { type Entry, memberDetails, memberEntries } from './details.ts';
import { exportMember, type MemberExport } from './export.ts';
import type { FoundMember } from './find.ts';
import { type MemberView, type Person, viewOf } from './view.ts';

/** Of the context, what this room works with. */
export type Parts = {
  readonly pool: pg.Pool;
  readonly brands: ReadonlyMap<string, { readonly brand: Brand }>;
  readonly now: () => Date;
  readonly config: { readonly outboxFolder: string };
};

/** Who asks, and of which member: every use is noted. */
export type Inquiry = {
  readonly tenant: string;
  readonly member: FoundMember;
  readonly actor: string;
};

const shown = { purchases: 5, entries: 20, messages: 10 } as const;

const note = ({ pool }: Parts, { tenant, member, actor }: Inquiry, action: Look['action']) =>
  audit(pool, tenant, member.memberId, { actor, action });

/** What support needs to know of a member. @param full identities and addresses as they are, not masked */
export async function viewMember(
  parts: Parts,
  inquiry: Inquiry,
  { full }: { readonly full: boolean },
): Promise<MemberView> {
  const { pool, brands, now } = parts;
  const { tenant, member } = inquiry;
  const at = now();
  const profile = brands.has(member.brand) ? await profileOf(parts, tenant, member, at) : null;
  const person = profile ?? (await personOf(parts, tenant, member));
  const [details, messages] = await Promise.all([
    memberDetails(pool, tenant, member.accounts, { locale: person.locale, ...shown }),
    listMessages(pool, tenant, { memberIds: member.accounts, limit: shown.messages }),
    note(parts, inquiry, 'view'),
  ]);
  return viewOf(member, person, profile, details, messages, { now: at, full });
}

async function profileOf(
  { pool, brands }: Parts,
  tenant: string,
  { memberId }: FoundMember,
  at: Date,
): Promise<Profile> {
  const [reading] = await readProfiles(pool, at, brandsOf(brands), [{ tenant, memberId }]);
  if (reading instanceof PermanentError) throw reading;
  if (reading?.kind === 'member') return reading.profile;
  throw new PermanentError('no-profile', `there is no profile of ${memberId}`);
}

/** What the ledger has of a member whose brand nobody knows here any more. */
async function personOf(
  { pool }: Parts,
  tenant: string,
  { memberId }: FoundMember,
): Promise<Person> {
  const { rows } = await pool.query<
    Omit<Person, 'enrolledAt' | 'asOf'> & { enrolledAt: Date; asOf: Date }
  >(
    `select membership_number as "membershipNumber", status as "memberStatus", brand, first_name as "firstName",
       last_name as "lastName", coalesce(locale, 'en') as locale, enrolled_at as "enrolledAt", as_of as "asOf",
       ledger_version as "ledgerVersion"
       from laurel.members where tenant = $1 and member_id = $2`,
    [tenant, memberId],
  );
  const [row] = rows;
  if (!row) throw new PermanentError('no-profile', `there is no member ${memberId}`);
  return { ...row, enrolledAt: row.enrolledAt.toISOString(), asOf: row.asOf.toISOString() };
}

/** The movements of a member's points, the latest first. */
export async function entriesOf(
  parts: Parts,
  inquiry: Inquiry,
  page: { readonly limit: number; readonly before?: string | undefined },
): Promise<Entry[]> {
  await note(parts, inquiry, 'entries');
  return memberEntries(parts.pool, inquiry.tenant, inquiry.member.accounts, page);
}

/** Mails made from a profile that wasn't one person's. */
export async function affectedOf(
  parts: Parts,
  inquiry: Inquiry,
  { limit }: { readonly limit: number },
): Promise<AffectedMessage[]> {
  await note(parts, inquiry, 'affected-messages');
  return affectedMessages(parts.pool, inquiry.tenant, inquiry.member.accounts, limit);
}

/** Everything that is known of a member, as of one instant. */
export function exportOf(
  { pool, now }: Parts,
  { tenant, member: { memberId, accounts }, actor }: Inquiry,
): Promise<MemberExport> {
  return transaction(pool, async (db) => {
    await db.query('set transaction isolation level repeatable read');
    await audit(db, tenant, memberId, { actor, action: 'export' });
    return exportMember(db, tenant, memberId, accounts, now());
  });
}

/** Forgets a member for good, with the files of mails in the outbox. */
export async function eraseMember(parts: Parts, inquiry: Inquiry): Promise<void> {
  const { pool, brands, now, config } = parts;
  const { tenant, member } = inquiry;
  const { memberId } = member;
  const [result] = await applyEvents(pool, tenant, brandsOf(brands), [
    {
      source: 'laurel',
      id: `erase-${uuidv7()}`,
      at: now().toISOString(),
      type: 'member.erased',
      memberId,
    },
  ]);
  if (result?.kind === 'refused') {
    const why = result.problems.map(({ message }) => message).join('; ');
    throw new PermanentError('not-erased', `${memberId} was not erased: ${why}`);
  }
  await note(parts, inquiry, 'erase');
  await sweepOutbox(config.outboxFolder, null, (ids) => emptiedAmong(pool, ids));
}
