import { v7 as uuidv7 } from 'uuid';

import type { Brand } from '../brand/brand.ts';
import type { Suppression } from '../contract/facts.ts';
import { type MailFrequency, type Profile, topicPurpose } from '../contract/profile.ts';
import { PermanentError } from '../core/errors.ts';
import { applyEvents } from '../ledger/apply.ts';
import { brandsOf } from '../ledger/batch.ts';
import { identities } from '../ledger/tables.ts';
import {
  addressHash,
  liftUnsubscribed,
  suppressHash,
  suppressionOf,
} from '../message/rows/guards.ts';
import { only, readRows } from '../postgres/table.ts';
import { readProfiles } from '../profile/ledger.ts';
import { askedForErasure } from './erasure-requests.ts';
import { findMember } from './find.ts';
import type { Parts } from './members.ts';

/** Who holds a link that was sent to an address of a member's. */
export type Holder = {
  readonly tenant: string;
  readonly brand: string;
  readonly addressHash: string;
  readonly memberId?: string | undefined;
};

/** Which mails a member gets, as the preference page shows it. */
export type Mailing = {
  readonly memberId: string;
  /** `blocked`: the address takes none for another reason, which isn't theirs to lift. */
  readonly offers: 'on' | 'off' | 'blocked';
  /** Topics that are off. */
  readonly off: readonly string[];
  readonly frequency: MailFrequency;
  readonly locale: string;
  readonly erasureAskedAt: Date | null;
};

/** What is to become different. What isn't named, or is so already, stays as it is. */
export type MailingChange = {
  readonly offers?: 'on' | 'off';
  readonly topics?: ReadonlyMap<string, boolean>;
  readonly frequency?: MailFrequency;
  readonly locale?: string;
};

type MailingParts = Pick<Parts, 'pool' | 'brands' | 'now'>;

/** What on the suppression list a page of this brand wrote, and may take off again. */
const ownEntries = (brand: string) => [`unsubscribe-link:${brand}`, `preference-page:${brand}`];

/**
 * The mails of the member who holds a link. Null where the ledger doesn't know such a member of the brand, where it is in doubt
 * who that is, and where the address the link went to isn't theirs any more.
 */
export async function readMailing(parts: MailingParts, holder: Holder): Promise<Mailing | null> {
  const { pool, brands, now } = parts;
  const { tenant, memberId, brand: brandId } = holder;
  const brand = brands.get(brandId)?.brand;
  if (memberId === undefined || !brand) return null;
  const found = await findMember(pool, tenant, { by: 'memberId', value: memberId });
  if (!found || found.brand !== brandId || !(await isTheirs(parts, holder, found.accounts)))
    return null;
  const [reading] = await readProfiles(pool, now(), brandsOf(brands), [
    { tenant, memberId: found.memberId },
  ]);
  if (reading instanceof PermanentError) throw reading;
  if (reading?.kind !== 'member' || reading.profile.memberStatus === 'disputed') return null;
  const { profile } = reading;
  const [suppression, erasureAskedAt] = await Promise.all([
    suppressionOf(pool, tenant, holder.addressHash),
    askedForErasure(pool, tenant, found.memberId),
  ]);
  return {
    memberId: found.memberId,
    offers: offersOf(profile, brand, suppression),
    off: Object.entries(profile.mailing?.topics ?? {}).flatMap(([id, { granted }]) =>
      granted ? [] : [id],
    ),
    frequency: profile.mailing?.frequency ?? 'all',
    locale: profile.locale,
    erasureAskedAt,
  };
}

/** Whether the address a link was sent to still leads to the member. */
async function isTheirs({ pool }: MailingParts, holder: Holder, accounts: readonly string[]) {
  const rows = await readRows(
    pool,
    only(identities, 'canonical'),
    `where tenant = $1 and member_id = any($2) and kind = 'email'`,
    [holder.tenant, accounts],
  );
  return rows.some(({ canonical }) => addressHash(canonical) === holder.addressHash);
}

/** Where nothing is known of a consent, another system keeps it: the link came in a mail that needed one. */
function offersOf(
  { consents: { marketing } }: Profile,
  brand: Brand,
  suppression: (Suppression & { readonly source: string }) | null,
): Mailing['offers'] {
  if (suppression && !ownEntries(brand.id).includes(suppression.source)) return 'blocked';
  if (suppression) return 'off';
  if (!marketing) return 'on';
  const agreed =
    marketing.basis === undefined ||
    marketing.basis === 'consent' ||
    (marketing.basis === 'existing-customer' && brand.existingCustomers === true);
  return marketing.granted && agreed ? 'on' : 'off';
}

/**
 * Tells the ledger what a member chose, each change as an event, so that the next decision goes by it. All off also puts the
 * address on the suppression list: where another system keeps consents, it counts all the same.
 * @param proof what shows that it was this member: the link, the browser
 * @throws TemporaryError where the ledger is busy
 */
export async function changeMailing(
  parts: MailingParts,
  holder: Holder,
  current: Mailing,
  change: MailingChange,
  { source, proof }: { readonly source: string; readonly proof: string },
): Promise<void> {
  const { pool, brands, now } = parts;
  const { tenant, brand, addressHash: hash } = holder;
  const { memberId } = current;
  if (change.offers === 'off' && current.offers !== 'off')
    await suppressHash(pool, tenant, {
      addressHash: hash,
      reason: 'unsubscribe',
      scope: 'commercial',
      source: `preference-page:${brand}`,
    });
  const locale = change.locale === current.locale ? undefined : change.locale;
  const mailFrequency = change.frequency === current.frequency ? undefined : change.frequency;
  const events = [
    ...(change.offers === 'off' && current.offers !== 'off' ? [consent('marketing', false)] : []),
    ...(change.offers === 'on' && current.offers === 'off' ? [consent('marketing', true)] : []),
    ...[...(change.topics ?? [])]
      .filter(([id, on]) => current.off.includes(id) === on)
      .map(([id, on]) => consent(topicPurpose + id, on)),
    ...(locale === undefined && mailFrequency === undefined
      ? []
      : [
          {
            type: 'member.updated',
            ...(locale && { locale }),
            ...(mailFrequency && { mailFrequency }),
          },
        ]),
  ].map((event) => ({ source, id: uuidv7(), at: now().toISOString(), memberId, proof, ...event }));
  const results =
    events.length === 0 ? [] : await applyEvents(pool, tenant, brandsOf(brands), events);
  for (const result of results)
    if (result.kind === 'refused')
      throw new Error(
        `the ledger refused preferences: ${result.problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
      );
  if (change.offers === 'on' && current.offers === 'off')
    await liftUnsubscribed(pool, tenant, hash, ownEntries(brand));
}

const consent = (purpose: string, granted: boolean) => ({
  type: 'consent.changed',
  purpose,
  granted,
});
