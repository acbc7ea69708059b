import { z } from 'zod';

import type { Decision } from '../contract/decision.ts';
import { canonicalOf } from '../ledger/identity/identity.ts';
import {
  basisOf,
  decisionColumns,
  type DecisionColumns,
  decisionOf,
} from '../message/stored-decision.ts';
import type { Db } from '../postgres/pool.ts';

/**
 * A mail that was made from a profile of accounts that turned out, or are said, not to be one person; or that went to an
 * address which led to somebody whose it isn't.
 */
export const AffectedMessage = z.strictObject({
  id: z.string(),
  at: z.string(),
  template: z.string(),
  sentTo: z.string().nullable(),
  /** Whose profile it was made from, and the account, or else the address, that didn't belong to it. */
  profileOf: z.string(),
  wrongAccount: z.string().nullable(),
  wrongAddress: z.string().nullable(),
  link: z.strictObject({
    since: z.string(),
    /** When it was taken back; null while it is only disputed. */
    until: z.string().nullable(),
  }),
  /** What it said of her; null where it didn't, or the mail is older than this was kept. */
  claims: z.strictObject({
    firstName: z.string().nullable(),
    tier: z.string().nullable(),
    activePoints: z.int().nullable(),
    blocks: z.array(z.string()),
    offers: z.array(z.string()),
  }),
});
export type AffectedMessage = z.infer<typeof AffectedMessage>;

const basis = basisOf('m');

/**
 * The mails that left while one of these accounts was linked to another by mistake: rendered from a profile with both, by the
 * ledger version in their decision, whichever of her accounts they were addressed to, or an address alone. And those that told
 * of her to an address that was linked to her by mistake. A link counts as a mistake once it was taken back or is disputed.
 * Latest first.
 */
export async function affectedMessages(
  db: Db,
  tenant: string,
  accounts: readonly string[],
  limit: number,
): Promise<AffectedMessage[]> {
  const addresses = await wrongAddresses(db, tenant, accounts);
  const { rows } = await db.query<DecisionColumns & { message: object }>(
    `with wrong as (
       select p.* from laurel.profile_accounts p
        where p.tenant = $1 and (p.member_id = any($2) or p.account = any($2))
          and (p.until_version is not null
               or exists (select from laurel.members m
                           where m.tenant = $1 and m.member_id = p.account and m.disputes <> '[]'))
     ), addressed as (
       -- To any account that was ever hers: her profile is all of theirs.
       select distinct w.member_id as root, hers.account from wrong w cross join lateral (
         select w.member_id as account
         union
         select p.account from laurel.profile_accounts p where p.tenant = $1 and p.member_id = w.member_id offset 0) as hers
     ), made as (
       select a.root, m.* from addressed a cross join lateral (
         select * from laurel.messages m where m.tenant = $1 and m.member_id = a.account offset 0) as m
       union all
       select r.root, m.* from (select distinct root from addressed) as r cross join lateral (
         select * from laurel.messages m
          where m.tenant = $1 and m.member_id is null and m.decision -> 'basis' ->> 'memberId' = r.root offset 0) as m
     ), sent as (
       select m.*, w.account, null as address, w.since, w.until from wrong w
         join made m on m.root = w.member_id and (m.decision is not null or m.packed_decision is not null)
          -- Nobody saw the end of some: they may have left.
          and (m.state = 'sent' or m.state = 'quarantined' and m.unknown_outcomes > 0)
        where ${basis.profile} = 'member'
          and coalesce(${basis.memberId}, w.member_id) = w.member_id
          and ${basis.ledgerVersion} >= w.since_version
          and (w.until_version is null or ${basis.ledgerVersion} < w.until_version)
     ), hers as (
       select m.* from unnest($2::text[]) as a (account) cross join lateral (
         select * from laurel.messages m where m.tenant = $1 and m.member_id = a.account
         union all
         select * from laurel.messages m
          where m.tenant = $1 and m.member_id is null and m.decision -> 'basis' ->> 'memberId' = a.account offset 0) as m
     ), misled as (
       select ${basis.memberId} as root, m.*, null as account, w.address, w.since, w.until
         from unnest($4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[]) as w (address, since, until, known)
         join hers m on lower(m.sent_to) = w.address and m.finished_at < coalesce(w.known, 'infinity')
        where m.state = 'sent' and ${basis.profile} = 'member'
          and ${basis.memberId} = any($2)
          and not exists (select from sent s where s.id = m.id)
     ), affected as (
       select * from sent union all select * from misled
     )
     select jsonb_build_object('id', id, 'at', finished_at, 'template', template, 'sentTo', sent_to,
              'profileOf', root, 'wrongAccount', account, 'wrongAddress', address,
              'link', jsonb_build_object('since', since, 'until', until)) as message, ${decisionColumns}
       from affected order by finished_at desc, id limit $3`,
    [
      tenant,
      accounts,
      limit,
      addresses.map(({ address }) => address),
      addresses.map(({ since }) => since),
      addresses.map(({ until }) => until),
      addresses.map(({ known }) => known),
    ],
  );
  const affected: AffectedMessage[] = [];
  for (const { message, ...columns } of rows) {
    const claims = claimsOf(await decisionOf(db, columns));
    affected.push(AffectedMessage.parse({ ...message, claims }));
  }
  return affected;
}

function claimsOf(decision: Decision | null): AffectedMessage['claims'] {
  const { firstName = null, tier = null, activePoints = null } = decision?.basis.said ?? {};
  const blocks = (decision?.blocks ?? []).filter(({ kind }) => kind === 'show');
  const offers = (decision?.offers ?? []).filter(({ kind }) => kind === 'show');
  return {
    firstName,
    tier,
    activePoints,
    blocks: blocks.map(({ block }) => block),
    offers: offers.map(({ offerId }) => offerId),
  };
}

type WrongAddress = {
  readonly address: string;
  readonly since: string;
  /** When it was unlinked, by the event and by our clock; null while it is only disputed. */
  readonly until: string | null;
  readonly known: string | null;
};

/** Addresses that led to these accounts and were unlinked, or are disputed. */
async function wrongAddresses(
  db: Db,
  tenant: string,
  accounts: readonly string[],
): Promise<WrongAddress[]> {
  const { rows } = await db.query<{
    value: string;
    since: string;
    until: string | null;
    known: string | null;
  }>(
    `with doubted as (
       select document #>> '{identity,value}' as value, at as until, applied_at as known from laurel.events
        where tenant = $1 and member_id = any($2) and type = 'identity.unlinked'
          and document #>> '{identity,kind}' = 'email'
       union all
       select dispute ->> 'canonical', null, null from laurel.members, jsonb_array_elements(disputes) as dispute
        where tenant = $1 and member_id = any($2) and dispute ->> 'kind' = 'email')
     select value, until, known, coalesce((
              select min(e.at) from laurel.events e
               where e.tenant = $1 and e.member_id = any($2)
                 and e.type in ('member.enrolled', 'member.updated', 'identity.linked')
                 and position(lower(value) in lower(e.document::text)) > 0), until, now()) as since
       from doubted`,
    [tenant, accounts],
  );
  return rows.map(({ value, ...link }) => ({
    address: canonicalOf({ kind: 'email', value }).canonical,
    ...link,
  }));
}
