import { type Brand, programmeAt } from '../../brand/brand.ts';
import type { Distribution } from '../../ledger/figures/percentiles.ts';
import type { Db } from '../../postgres/pool.ts';
import { readProfiles } from '../../profile/ledger.ts';
import {
  compile,
  type Condition,
  conditionSql,
  type Conditions,
  evaluate,
  type Verdict,
} from './condition.ts';
import { sqlOf } from './sql.ts';

/** Whose members, and as of when. */
export type SegmentOf = {
  readonly tenant: string;
  readonly brand: Brand;
  readonly now: Date;
};

/** Rows looked at in one statement. */
const chunk = 5_000;

/** Some members of a segment, in the order of their ids, and after whom to go on; null once all were looked at. */
export type SomeMembers = {
  readonly memberIds: readonly string[];
  readonly next: string | null;
  /** Rows that were looked at. */
  readonly looked: number;
};

type Looked = { readonly memberId: string; readonly holds: boolean | null };

/**
 * The members of a segment among the next few thousand of the brand's, by the rows that are stored of them; those whose row alone
 * doesn't tell are read as of now. Whoever is erased, merged into another account or not registered is in none.
 */
export async function someMembers(
  db: Db,
  of: SegmentOf,
  condition: Condition,
  after: string,
): Promise<SomeMembers> {
  const conditions = compile(condition);
  const values: unknown[] = [of.tenant, of.brand.id, after, chunk];
  const holds = await holdsSql(db, of, conditions, values);
  // By its key alone: one page of the primary key, whatever the conditions are.
  const { rows } = await db.query<Looked & { readonly candidate: boolean }>(
    `select member_id as "memberId", candidate, case when candidate then ${holds} end as holds
       from (
         select member_id, document as d, brand = $2 and ${isMember} as candidate from laurel.profiles
          where tenant = $1 and member_id > $3 order by member_id limit $4) as page
      order by member_id`,
    values,
  );
  const looked = rows.filter(({ candidate }) => candidate);
  return {
    memberIds: await decided(db, of, conditions, looked),
    looked: rows.length,
    next: rows.length < chunk ? null : (rows.at(-1)?.memberId ?? null),
  };
}

const isMember = `merged_into is null and not document ?| array['erased', 'unregistered', 'merged']`;

async function holdsSql(
  db: Db,
  { tenant, brand, now }: SegmentOf,
  conditions: Conditions,
  values: unknown[],
): Promise<string> {
  const sql = sqlOf(values, {
    now,
    programme: programmeAt(brand, now.getTime()),
    timeZone: brand.timeZone,
    distribution: await distributionOf(db, tenant, brand.id),
  });
  // What was told with a later time than now is read as of then.
  return `case when (d ->> 'asOf')::bigint <= ${sql.at} then ${conditionSql(conditions, sql)} end`;
}

/** Which of these are in, those of whom a row didn't tell by their profile as of now. */
async function decided(
  db: Db,
  of: SegmentOf,
  conditions: Conditions,
  looked: readonly Looked[],
): Promise<string[]> {
  const unsure = looked.filter(({ holds }) => holds === null).map(({ memberId }) => memberId);
  const verdicts = await verdictsOn(db, of, conditions, unsure);
  return looked
    .filter(({ memberId, holds }) => holds ?? verdicts.get(memberId)?.holds ?? false)
    .map(({ memberId }) => memberId);
}

async function verdictsOn(
  db: Db,
  { tenant, brand, now }: SegmentOf,
  conditions: Conditions,
  memberIds: readonly string[],
): Promise<Map<string, Verdict>> {
  const keys = memberIds.map((memberId) => ({ tenant, memberId }));
  const readings = await readProfiles(db, now, (id) => (id === brand.id ? brand : undefined), keys);
  const verdicts = new Map<string, Verdict>();
  for (const [index, reading] of readings.entries()) {
    if (reading instanceof Error || reading.kind !== 'member') continue;
    const memberId = memberIds[index];
    if (memberId !== undefined) verdicts.set(memberId, evaluate(conditions, reading.profile));
  }
  return verdicts;
}

/** Which of these members are in a segment. */
export async function membersAmong(
  db: Db,
  of: SegmentOf,
  condition: Condition,
  memberIds: readonly string[],
): Promise<Set<string>> {
  const conditions = compile(condition);
  const values: unknown[] = [of.tenant, of.brand.id, memberIds];
  const holds = await holdsSql(db, of, conditions, values);
  const { rows } = await db.query<Looked>(
    `select member_id as "memberId", ${holds} as holds
       from (select member_id, document as d from laurel.profiles
         where tenant = $1 and brand = $2 and member_id = any($3) and ${isMember}) as page`,
    values,
  );
  return new Set(await decided(db, of, conditions, rows));
}

/** Every member of a segment, some at a time. */
export async function* segmentMembers(
  db: Db,
  of: SegmentOf,
  condition: Condition,
): AsyncGenerator<readonly string[]> {
  for (let after: string | null = ''; after !== null;) {
    const some: SomeMembers = await someMembers(db, of, condition, after);
    if (some.memberIds.length > 0) yield some.memberIds;
    after = some.next;
  }
}

/** How many are in. */
export async function countMembers(db: Db, of: SegmentOf, condition: Condition): Promise<number> {
  let count = 0;
  for await (const some of segmentMembers(db, of, condition)) count += some.length;
  return count;
}

/** Whether one member is in, and which conditions decide; null where the brand has no such member. */
export async function explainMember(
  db: Db,
  of: SegmentOf,
  condition: Condition,
  memberId: string,
): Promise<Verdict | null> {
  const verdicts = await verdictsOn(db, of, compile(condition), [memberId]);
  return verdicts.get(memberId) ?? null;
}

async function distributionOf(db: Db, tenant: string, brand: string): Promise<Distribution | null> {
  const { rows } = await db.query<{ quantiles: string[]; members: number; computedAt: Date }>(
    `select quantiles, members::int, computed_at as "computedAt" from laurel.spend_quantiles where tenant = $1 and brand = $2`,
    [tenant, brand],
  );
  const [found] = rows;
  return found
    ? {
        quantiles: found.quantiles.map(Number),
        members: found.members,
        computedAt: found.computedAt.getTime(),
      }
    : null;
}
