import type { Db } from '../../postgres/pool.ts';

/**
 * What two members have in common:
 *
 * - `mailbox`: the same address but for dots and +tags before the @
 * - `phone`: the same number, one of them without its country code
 * - `card`, `customer-number`: the same but for leading zeros
 * - `membership-number`: the same
 * - `name`: the same first and last name, whatever the accents
 * - `local-part`: the same before the @, at another provider; counts only along with the name
 */
export type MatchingFact =
  | 'mailbox'
  | 'phone'
  | 'card'
  | 'customer-number'
  | 'membership-number'
  | 'name'
  | 'local-part';

/** Two members who are probably one person. */
export type MergeSuggestion = {
  readonly brand: string;
  /** The one who has been a member for longer first: whom the other would be merged into. */
  readonly memberIds: readonly [string, string];
  /** 0–1: the sum of what the matching facts are worth. */
  readonly score: number;
  /** With what each of the two has, in the order of `memberIds`. */
  readonly facts: readonly {
    readonly fact: MatchingFact;
    readonly values: readonly [string, string];
  }[];
};

/** In hundredths. Whatever reaches `enough` is suggested: one strong fact, or a name and half an address. */
const worth: Readonly<Record<MatchingFact, number>> = {
  mailbox: 60,
  phone: 60,
  card: 60,
  'customer-number': 60,
  'membership-number': 60,
  name: 35,
  'local-part': 25,
};
const enough = 60;
/** A value that more members share says nothing: a family's phone is one thing, a placeholder another. */
const mostSharing = 5;

const plainName = (first: string, last: string) =>
  `regexp_replace(normalize(lower(trim(${first}) || ' ' || trim(${last})), NFKD), '[\\u0300-\\u036f]', '', 'g')`;
const localPart = `replace(split_part(split_part(i.canonical, '@', 1), '+', 1), '.', '')`;

const sql = `
with people as (
  select m.member_id, m.brand, m.enrolled_at, m.membership_number, m.first_name || ' ' || m.last_name as name,
         ${plainName('m.first_name', 'm.last_name')} as plain_name
    from laurel.members m
   where m.tenant = $1 and m.merged_into is null and m.status not in ('erased', 'unregistered')
     and ($2::text is null or m.brand = $2)),
known as (
  select p.*, i.kind, i.canonical, ${localPart} as local_part
    from laurel.identities i
    left join laurel.profiles a on a.tenant = i.tenant and a.member_id = i.member_id
    join people p on p.member_id = coalesce(a.merged_into, i.member_id)
   where i.tenant = $1),
keys as (
  select member_id, brand, 'membership-number' as fact, upper(membership_number) as key, membership_number as value
    from people where membership_number <> ''
  union all
  select member_id, brand, 'mailbox', local_part || '@' || split_part(canonical, '@', 2), canonical
    from known where kind = 'email'
  union all
  select member_id, brand, 'local-part', plain_name || '|' || local_part, canonical
    from known where kind = 'email' and plain_name is not null and length(local_part) >= 3
  union all
  select member_id, brand, 'phone', right(canonical, 8), canonical
    from known where kind = 'phone' and length(canonical) >= 9
  union all
  select member_id, brand, kind, ltrim(canonical, '0'), canonical
    from known where kind in ('card', 'customer-number') and ltrim(canonical, '0') <> ''),
shared as (
  select brand, fact, key from keys group by brand, fact, key
  having count(distinct member_id) between 2 and ${mostSharing}),
pairs as (
  select one.member_id as one, other.member_id as other, one.brand,
         one.fact, one.value as one_value, other.value as other_value
    from shared
    join keys one using (brand, fact, key)
    join keys other using (brand, fact, key)
   where one.member_id < other.member_id
     and ($3::text is null or $3 in (one.member_id, other.member_id))
     -- A number with another country code is another number.
     and (one.fact <> 'phone' or one.value not like '+%' or other.value not like '+%')
     and (one.fact <> 'local-part' or split_part(one.value, '@', 2) <> split_part(other.value, '@', 2)))
select pairs.brand, a.member_id as one, b.member_id as other, a.enrolled_at > b.enrolled_at as swapped,
       a.name as "oneName", b.name as "otherName", a.plain_name = b.plain_name as named,
       jsonb_object_agg(fact, jsonb_build_array(one_value, other_value)) as facts
  from pairs
  join people a on a.member_id = one
  join people b on b.member_id = other
 -- Whom somebody has parted already aren't suggested again.
 where not exists (
   select from laurel.profile_accounts x
    where x.tenant = $1 and (x.member_id, x.account) in ((one, other), (other, one)) and x.until_version is not null)
 group by 1, 2, 3, 4, 5, 6, 7`;

/**
 * Finds pairs of members of one brand that are probably one person, the likeliest first. Without `memberId` it compares
 * everybody, which takes seconds for a million members. Who was merged and parted again is not suggested anew.
 */
export async function suggestMerges(
  db: Db,
  tenant: string,
  of: { readonly brand?: string; readonly memberId?: string; readonly limit: number },
): Promise<MergeSuggestion[]> {
  type Pair = {
    brand: string;
    one: string;
    other: string;
    swapped: boolean;
    oneName: string | null;
    otherName: string | null;
    named: boolean | null;
    facts: Partial<Record<MatchingFact, [string, string]>>;
  };
  const { rows } = await db.query<Pair>(sql, [tenant, of.brand ?? null, of.memberId ?? null]);
  return rows
    .map(({ facts: found, ...pair }): MergeSuggestion & { readonly total: number } => {
      const all = {
        ...found,
        ...(pair.named &&
          pair.oneName !== null &&
          pair.otherName !== null && { name: [pair.oneName, pair.otherName] as const }),
      };
      const facts = matchingFacts.flatMap((fact) => {
        const values = all[fact];
        if (!values) return [];
        const [one, other] = values;
        return [{ fact, values: pair.swapped ? ([other, one] as const) : ([one, other] as const) }];
      });
      const total = facts.reduce((sum, { fact }) => sum + worth[fact], 0);
      return {
        brand: pair.brand,
        memberIds: pair.swapped ? [pair.other, pair.one] : [pair.one, pair.other],
        score: Math.min(100, total) / 100,
        facts,
        total,
      };
    })
    .filter(({ total }) => total >= enough)
    .toSorted(
      (one, other) =>
        other.total - one.total || (one.memberIds.join() < other.memberIds.join() ? -1 : 1),
    )
    .slice(0, of.limit)
    .map(({ total: _total, ...suggestion }) => suggestion);
}

const matchingFacts: readonly MatchingFact[] = [
  'mailbox',
  'phone',
  'card',
  'customer-number',
  'membership-number',
  'name',
  'local-part',
];
