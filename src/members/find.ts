import { type Canonical, canonicalOf } from '../ledger/identity/identity.ts';
import type { Db } from '../postgres/pool.ts';

/** What somebody may know a member by; `any` is whichever it turns out to be. */
export const memberKeys = [
  'memberId',
  'email',
  'phone',
  'card',
  'customerNumber',
  'membershipNumber',
  'any',
] as const;
export type MemberKey = { readonly by: (typeof memberKeys)[number]; readonly value: string };

/** A member, by the account she is known under, with all accounts that are merged into it. */
export type FoundMember = {
  readonly memberId: string;
  readonly brand: string;
  readonly status: string;
  readonly accounts: readonly string[];
};

const identityOf = [
  ['email', 'email'],
  ['phone', 'phone'],
  ['card', 'card'],
  ['customerNumber', 'customer-number'],
] as const;

/** Every form in which a value could be one of her identities. */
const identities = ({ by, value }: MemberKey): Canonical[] =>
  identityOf
    .filter(([key]) => by === 'any' || by === key)
    .map(([, kind]) => canonicalOf({ kind, value }))
    .filter(({ canonical }) => canonical !== '');

/** Finds a member in one statement, following merges. Null where nobody is known so, or more than one. */
export async function findMember(
  db: Db,
  tenant: string,
  key: MemberKey,
): Promise<FoundMember | null> {
  const wanted = identities(key);
  const id = key.by === 'memberId' || key.by === 'any' ? key.value : null;
  const number = key.by === 'membershipNumber' || key.by === 'any' ? key.value : null;
  const { rows } = await db.query<FoundMember>({
    name: 'find-member',
    text: `
      with recursive named as (
        select member_id from laurel.members where tenant = $1 and member_id = $2
        union
        select member_id from laurel.members where tenant = $1 and membership_number = $3 and membership_number <> ''
        union
        select i.member_id from unnest($4::text[], $5::text[]) as w (kind, canonical)
          join laurel.identities i on i.tenant = $1 and i.kind = w.kind and i.canonical = w.canonical
      ), up (account, parent) as (
        select m.member_id, m.merged_into from named join laurel.members m on m.tenant = $1 and m.member_id = named.member_id
        union
        select m.member_id, m.merged_into from up join laurel.members m on m.tenant = $1 and m.member_id = up.parent
      ), down (root, account) as (
        select account, account from up where parent is null
        union
        select d.root, m.member_id from down d join laurel.members m on m.tenant = $1 and m.merged_into = d.account
      )
      select r.member_id as "memberId", r.brand, r.status, array_agg(d.account order by d.account <> d.root, d.account) as accounts
        from down d join laurel.members r on r.tenant = $1 and r.member_id = d.root
       group by r.member_id, r.brand, r.status`,
    values: [
      tenant,
      id,
      number,
      wanted.map(({ kind }) => kind),
      wanted.map(({ canonical }) => canonical),
    ],
  });
  return rows.length === 1 ? (rows[0] ?? null) : null;
}
