import {
  ConsentPurpose,
  type MailFrequency,
  mayGreet,
  topicPurpose,
} from '../../contract/profile.ts';
import type { Db } from '../../postgres/pool.ts';
import type { BrandOf, History } from '../batch.ts';
import { groupedMembers } from '../identity/group.ts';
import type { Entry, EntryKind } from '../points/points.ts';
import { countsMore } from '../programme/tiers.ts';
import {
  closedKept,
  productDays,
  purchasesKept,
  type Row,
  topProducts,
  signalDays,
} from '../row.ts';

/** What the ledger holds of one member, counted. All of `Row` but what points and tiers come to. */
export type MemberFacts = Omit<Row, 'points' | 'tier' | 'rewards'> & {
  readonly tenant: string;
  /** False: an identity's account, which is nobody's yet. */
  readonly registered: boolean;
  readonly given: Row['tier']['given'];
  /** In order of time. */
  readonly entries: readonly Entry[];
  /** Purchases that were kept, with what was paid for them, and engagements that counted: where a tier asks for these. */
  readonly counted: History['counted'];
  /** Rewards that were handed over. */
  readonly claimed: Readonly<Record<string, number>>;
};

type Preferences = NonNullable<Row['preferences']>;
type Topics = NonNullable<Row['mailing']>['topics'];

type FactsRow = Omit<
  MemberFacts,
  'entries' | 'preferences' | 'counted' | 'birthday' | 'consents' | 'mailing'
> & {
  readonly agreed: Readonly<Record<string, Topics[string]>>;
  readonly mailFrequency: MailFrequency | null;
  readonly birthday: string | null;
  readonly purchases: MemberFacts['counted'];
  readonly engaged: MemberFacts['counted'];
  readonly preferences: readonly Preferences[];
  readonly entries: readonly [
    kind: EntryKind,
    points: number,
    qualifying: number,
    at: number,
    activeAt: number | null,
    expiresAt: number | null,
    ref: string | null,
    lock: string | null,
    idleAt: number | null,
    floors: boolean,
  ][];
};

/** Affinities and the preferred store: a purchase counts half as much as one made so many days later. */
const affinityHalfLifeDays = 180;
/** Redemptions of offers that left the catalogue are forgotten after so many days. */
const redemptionDays = 730;
const savingYears = 3;
/** This month and so many before it that the year and the last twelve months can be told at any time. */
const spendMonths = 12;
/** Months since January 2000. */
const monthOf = (column: string) =>
  `((extract(year from ${column}) - 2000) * 12 + extract(month from ${column}) - 1)::int`;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;
/** As `Row` has it: without milliseconds where there are none. */
const iso = (column: string) =>
  `replace(to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z')`;
/** Null where it is never. */
const msOrNever = (column: string) =>
  `case when isfinite(${column}) then (extract(epoch from ${column}) * 1000)::bigint end`;

const boughtSums = `sum(units) as units, max(placed_at) as last_at, max(placed_at) filter (where full_price) as full_at`;
const bought = `case when full_at = last_at then jsonb_build_array(units, ${iso('last_at')})
     else jsonb_build_array(units, ${iso('last_at')}, ${iso('full_at')}) end`;
const boughtBy = (key: string, from = '') => `
  select coalesce(jsonb_object_agg(key, ${bought}), '{}')
    from (select ${key} as key, ${boughtSums} from lines ${from} where ${key} is not null group by 1) as counted`;

/**
 * One row a member. Cancelled orders and returned units never happened. Affinity of a category: its share of
 * Σ 2^(−age / 180 days) over purchases, each counting once for every category in it; the share doesn't change as
 * time passes without a purchase, which is why it can be stored. Saved by year: `saved` of each purchase in the
 * programme's currency, less the part of it that was refunded, by the year in the brand's time zone.
 */
const sql = `
select m.tenant, m.member_id as "memberId", m.membership_number as "membershipNumber", m.status as "memberStatus",
       ${iso('m.enrolled_at')} as "enrolledAt", m.brand, m.email, m.first_name as "firstName",
       m.last_name as "lastName", coalesce(m.locale, b.locale) as locale, coalesce(m.time_zone, b.zone) as "timeZone",
       m.birthday, m.mail_frequency as "mailFrequency", m.preferences, m.registered,
       ${ms('m.as_of')} as "asOf", m.ledger_version as "ledgerVersion",
       bought.*, orders.*, held.*
  from (${groupedMembers}) as m
  join unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::boolean[])
       as b (brand, zone, locale, currency, days, counts)
    on b.brand = m.brand
 cross join lateral (
   with lines as (
     select l.order_id, l.product_id, l.category, l.attributes, l.quantity - l.refunded_quantity as units,
            l.full_price, p.placed_at
       from laurel.purchase_lines l
       -- By its key alone: given the member as well, a planner without statistics reads all her orders for every line.
       join laurel.purchases p on p.tenant = l.tenant and p.order_id = l.order_id
      where l.tenant = m.tenant and l.member_id = any(m.accounts) and l.kind = 'product' and l.quantity > l.refunded_quantity
        and p.state <> 'cancelled' and p.placed_at is not null),
   weights as (
     select category, sum(weight order by placed_at, order_id) as weight
       from (select distinct category, order_id, placed_at,
                    power(2, extract(epoch from placed_at - m.as_of)::float8 / 86400 / ${affinityHalfLifeDays}) as weight
               from lines where category is not null) as once
      group by category),
   shares as (
     select category, round((weight / sum(weight) over ())::numeric, 2) as share from weights)
   select (${boughtBy('category')}) as "boughtCategories",
          (${boughtBy('attribute', 'cross join unnest(attributes) as attribute')}) as "boughtAttributes",
          (select coalesce(jsonb_object_agg(product_id, ${bought}), '{}')
             from (select product_id, ${boughtSums}, row_number() over (order by sum(units) desc, product_id) as place
                     from lines group by product_id) as counted
            where place <= ${topProducts} or full_at >= m.as_of - make_interval(days => greatest(${productDays}, b.days)))
            as "boughtProducts",
          (select coalesce(jsonb_object_agg(category, share), '{}') from shares where share > 0) as affinities
 ) as bought
 cross join lateral (
   with mine as (
     select *, (placed_at at time zone b.zone) as local_at from laurel.purchases p
      where p.tenant = m.tenant and p.member_id = any(m.accounts) and p.state = 'placed' and p.placed_at is not null)
   select (select coalesce(jsonb_object_agg(channel, jsonb_build_array(times, last_at)), '{}')
             from (select channel, count(*) as times, ${iso('max(placed_at)')} as last_at from mine group by channel) as c)
            as channels,
          (select store from mine where store is not null group by store
            order by round(sum(power(2, extract(epoch from placed_at - m.as_of)::float8 / 86400 / ${affinityHalfLifeDays})
                           order by placed_at, order_id)::numeric, 6) desc, store limit 1) as "preferredStore",
          (select coalesce(jsonb_agg(jsonb_build_array(year, saved, b.currency) order by year desc), '[]')
             from (select extract(year from local_at)::int as year,
                          sum(case when total > 0 then div(saved::numeric * (total - refunded), total) else saved end) as saved
                     from mine where currency = b.currency group by 1 order by 1 desc limit ${savingYears}) as y
            where saved > 0) as savings,
          (select jsonb_build_array(this, jsonb_agg(coalesce(paid, 0) order by ago))
             from (select ${monthOf('m.as_of at time zone b.zone')} as this) as t
            cross join generate_series(0, ${spendMonths - 1}) as ago
             left join (select ${monthOf('local_at')} as month, sum(total - refunded) as paid
                          from mine where currency = b.currency
                           and placed_at > m.as_of - interval '${spendMonths + 1} months' group by 1) as p on month = this - ago
            group by this) as spend,
          (select coalesce(jsonb_agg(jsonb_build_array(order_id, channel, store, ${ms('placed_at')}, total - refunded, lead, currency)
                     order by placed_at desc, order_id), '[]')
             from (select *, (
                      select l.product_id from laurel.purchase_lines l
                       where l.tenant = m.tenant and l.member_id = mine.member_id and l.order_id = mine.order_id
                         and l.kind = 'product' and l.quantity > l.refunded_quantity
                       order by l.unit_price::numeric * (l.quantity - l.refunded_quantity) desc, l.n limit 1) as lead
                     from mine order by placed_at desc, order_id limit ${purchasesKept}) as latest) as "lastPurchases",
          case when b.counts then
            (select coalesce(jsonb_agg(jsonb_build_array('purchase', ${ms('placed_at')},
                       case when currency = b.currency then total - refunded else 0 end) order by placed_at, order_id), '[]')
               from mine) else '[]' end as purchases
 ) as orders
 cross join lateral (
   select
     (select coalesce(jsonb_agg(jsonb_build_array(kind, points, qualifying, ${ms('at')},
               ${msOrNever('coalesce(active_at, at)')}, ${msOrNever('expires_at')}, ref, lock, ${ms('idle_at')}, floors)
               order by at, ledger_version, member_id, n), '[]')
        from laurel.points_entries e where e.tenant = m.tenant and e.member_id = any(m.accounts)) as entries,
     (select jsonb_build_object('tierId', tier_id, 'at', ${ms('at')}, 'expiresAt', ${ms('expires_at')}, 'reason', reason)
        from laurel.tier_changes t where t.tenant = m.tenant and t.member_id = any(m.accounts)
       order by at desc, ledger_version desc, member_id limit 1) as given,
     -- Topics are consents, too.
     (select coalesce(jsonb_object_agg(purpose, jsonb_strip_nulls(jsonb_build_object('granted', granted, 'source', source, 'at', ${iso('at')}, 'basis', basis))), '{}')
        from (select distinct on (purpose) * from laurel.consents c
               where c.tenant = m.tenant and c.member_id = any(m.accounts)
               order by purpose, at desc, ledger_version desc, member_id) as latest) as agreed,
     -- Read through the consent: where she gave none, or took it back, the signal isn't read at all.
     (select jsonb_object_agg(category, jsonb_build_object('source', kind, 'count', times, 'lastAt', ${iso('last_at')}))
        from (select distinct on (category) category, kind, count(*) as times, max(s.at) as last_at
                from (select distinct on (purpose) purpose, granted from laurel.consents c
                       where c.tenant = m.tenant and c.member_id = any(m.accounts) and purpose in ('location', 'profiling')
                       order by purpose, at desc, ledger_version desc, member_id) as asked
                join laurel.signals s on asked.granted and s.tenant = m.tenant and s.member_id = any(m.accounts)
                 and s.kind = case asked.purpose when 'location' then 'location' else 'browsing' end
               where s.category is not null and s.at > m.as_of - make_interval(days => ${signalDays})
               group by category, kind order by category, count(*) desc, max(s.at) desc, kind) as seen) as interests,
     (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'offerId', offer_id, 'state', state,
               'start', ${ms('start_date')}, 'expiry', ${ms('expiry_date')}) order by issued_at desc, code), '[]')
        from (select *, row_number() over (partition by over order by ended_at desc, code) as place
                from (select c.*,
                        case when used_at is not null then 'used' when disabled_at is not null then 'disabled' else 'open' end as state,
                        used_at is not null or disabled_at is not null or coalesce(expiry_date <= m.as_of, false) as over,
                        coalesce(used_at, disabled_at, expiry_date, issued_at) as ended_at
                        from (
                          -- A code is one coupon, under whichever of her accounts it was told.
                          select code, max(offer_id) as offer_id, min(start_date) as start_date,
                                 min(expiry_date) as expiry_date, min(issued_at) as issued_at, min(used_at) as used_at,
                                 min(disabled_at) as disabled_at
                            from laurel.coupons where tenant = m.tenant and member_id = any(m.accounts)
                           group by code) as c
                       where c.offer_id is not null) as s) as c
       where not over or place <= ${closedKept}) as coupons,
     (select coalesce(jsonb_agg(jsonb_build_object('bonusId', bonus_id, 'points', points, 'grantedAt', ${ms('granted_at')},
               'useBy', ${ms('use_by')}, 'usedAt', ${ms('used_at')}) order by granted_at desc, bonus_id), '[]')
        from (select *, row_number() over (partition by over order by granted_at desc, bonus_id) as place
                from (select u.*, used_at is not null or coalesce(use_by <= m.as_of, false) as over
                        from (
                          -- Granted to two of her accounts: the one she can still use.
                          select distinct on (bonus_id) * from laurel.bonuses
                           where tenant = m.tenant and member_id = any(m.accounts) and granted_at is not null
                           order by bonus_id, used_at is not null, granted_at desc, member_id) as u) as s) as u
       where not over or place <= ${closedKept}) as bonuses,
     (select coalesce(jsonb_object_agg(offer_id, times), '{}')
        from (select offer_id, count(*) as times from laurel.redemptions r
               where r.tenant = m.tenant and r.member_id = any(m.accounts)
                 and (r.at > m.as_of - make_interval(days => ${redemptionDays}) or exists (
                   select from laurel.offers o where o.tenant = m.tenant and o.brand = m.brand and o.offer_id = r.offer_id))
               group by offer_id) as counted) as redemptions,
     case when b.counts then
       (select coalesce(jsonb_agg(jsonb_build_array('engagement', ${ms('at')}, 0) order by at, ledger_version, member_id), '[]')
          from laurel.engagements e
         where e.tenant = m.tenant and e.member_id = any(m.accounts) and e.counted) else '[]' end as engaged,
     (select coalesce(jsonb_object_agg(reward_id, ${ms('claimed_at')}), '{}')
        from (select reward_id, min(claimed_at) as claimed_at from laurel.reward_claims r
               where r.tenant = m.tenant and r.member_id = any(m.accounts) group by reward_id) as c) as claimed
 ) as held`;

/**
 * Counts what the ledger holds of these members and of the accounts merged into them, in one statement; the
 * unknown and the erased are left out.
 */
export async function loadFacts(
  db: Db,
  tenant: string,
  memberIds: readonly string[],
  brandOf: BrandOf,
  /** `alone`: of each account by itself. */
  of: 'members' | 'alone' = 'members',
): Promise<MemberFacts[]> {
  const { rows: found } = await db.query<{ brand: string }>(
    'select distinct brand from laurel.members where tenant = $1 and member_id = any($2)',
    [tenant, memberIds],
  );
  const brands = found.flatMap(({ brand: id }) => {
    const brand = brandOf(id);
    return brand ? [{ id, ...brand }] : [];
  });
  const { rows } = await db.query<FactsRow>({
    name: 'ledger-facts',
    text: sql,
    values: [
      tenant,
      memberIds,
      brands.map(({ id }) => id),
      brands.map(({ timeZone }) => timeZone),
      brands.map(({ defaultLocale }) => defaultLocale),
      brands.map(({ programme }) => programme.currency),
      brands.map(({ programme }) => programme.returnWindowDays),
      brands.map(countsMore),
      of === 'alone',
    ],
  });
  return rows.map(
    ({
      agreed,
      entries,
      interests,
      preferences,
      birthday,
      mailFrequency,
      purchases,
      engaged,
      ...facts
    }) => ({
      ...facts,
      ...(interests && { interests }),
      ...saidOf(preferences),
      ...agreedOf(agreed, mailFrequency, birthday),
      counted: [...purchases, ...engaged].toSorted((one, other) => one[1] - other[1]),
      entries: entries.map(
        ([kind, points, qualifying, at, activeAt, expiresAt, ref, lock, idleAt, floors]) => ({
          kind,
          points,
          qualifying,
          at,
          activeAt: activeAt ?? Infinity,
          expiresAt: expiresAt ?? Infinity,
          ref,
          lock,
          ...(idleAt !== null && { idleAt }),
          ...(floors && { floors }),
        }),
      ),
    }),
  );
}

/** All that she said of herself, under whichever of her accounts. */
function saidOf(said: readonly Preferences[]): { preferences?: Preferences } {
  const preferences = {
    diets: [...new Set(said.flatMap(({ diets }) => diets))],
    avoidCategories: [...new Set(said.flatMap(({ avoidCategories }) => avoidCategories))],
    avoidAttributes: [...new Set(said.flatMap(({ avoidAttributes }) => avoidAttributes))],
  };
  return Object.values(preferences).some((one) => one.length > 0) ? { preferences } : {};
}

/** What she agreed to, and what follows from it. */
function agreedOf(
  agreed: FactsRow['agreed'],
  frequency: MailFrequency | null,
  birthday: string | null,
): Pick<MemberFacts, 'consents' | 'mailing' | 'birthday'> {
  const consents: Row['consents'] = {};
  const topics: Topics = {};
  for (const [purpose, consent] of Object.entries(agreed)) {
    const known = ConsentPurpose.safeParse(purpose);
    if (known.success) consents[known.data] = consent;
    else topics[purpose.slice(topicPurpose.length)] = consent;
  }
  const said = frequency !== null || Object.keys(topics).length > 0;
  return {
    consents,
    ...(said && { mailing: { topics, frequency: frequency ?? 'all' } }),
    ...(birthday !== null && mayGreet(consents) && { birthday }),
  };
}
