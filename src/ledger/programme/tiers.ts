import { type Brand, type Programme, programmeAt } from '../../brand/brand.ts';
import { conditionsOf, type Measure, type TierKeep, type TierPeriod } from '../../brand/tiers.ts';
import { addMonths, endOf, localAt, startOfDay } from '../../core/calendar.ts';

/**
 * Which tier a member reached when, by what counts for it. Each thing that counts adds to its measure from its own time
 * on, and leaves it when the programme's period is over. A tier is held while its conditions are met and, where the
 * programme keeps tiers, for as long as it says after the last thing that counted while they were met. What was taken back
 * keeps nothing.
 */

/** A movement of qualifying points, a purchase, an engagement. Instants in epoch milliseconds. */
export type Contribution = {
  readonly at: number;
  /** The time it belongs to: that of the earning, for what is taken back of it. */
  readonly of: number;
  readonly measure: Measure;
  readonly amount: number;
};

export type Counts = Readonly<Record<Measure, number>>;
export type TierChange = { readonly at: number; readonly tierId: string; readonly reason: string };

/** What is counted from an instant on. */
type Level = {
  readonly at: number;
  readonly counts: Counts;
  /** Something came that counts, or something was taken back. */
  readonly came: boolean;
  readonly taken: boolean;
};

type Programmes = Pick<Brand, 'programme' | 'programmes' | 'timeZone'>;

const none: Counts = { qualifyingPoints: 0, purchases: 0, spend: 0, engagement: 0 };

/** Whether tiers of any version ask for more than qualifying points of the whole membership. */
export const countsMore = ({ programme, programmes = [programme] }: Omit<Programmes, 'timeZone'>) =>
  programmes.some(
    ({ tiers, tierPeriod }) =>
      tierPeriod.kind !== 'lifetime' || tiers.some(({ needs }) => needs !== undefined),
  );

/** What counts at an instant, and from each later one at which time alone changes it. */
export function countsFrom(
  contributions: readonly Contribution[],
  brand: Programmes,
  from: number,
): readonly [now: Counts, later: readonly Level[]] {
  const { tierPeriod } = programmeAt(brand, from);
  const all = levels(contributions, tierPeriod, brand.timeZone);
  return [all.findLast(({ at }) => at <= from)?.counts ?? none, all.filter(({ at }) => at > from)];
}

/** Every change of tier by what counts, also those that time alone will bring; the first is that she joined. */
export function tierTimeline(
  contributions: readonly Contribution[],
  brand: Programmes,
  since: number,
): TierChange[] {
  const { programme, programmes = [programme], timeZone } = brand;
  const ranks = programmes.flatMap((version, index) => {
    const [from, to] = [index, index + 1].map((n) => beginningOf(programmes[n], n, timeZone));
    return ranksUnder(version, contributions, timeZone, from ?? -Infinity, to ?? Infinity);
  });
  const grants = programmes.length === 0 ? [] : keptRanks(contributions, brand);
  const instants = new Set([
    ...ranks.map(({ at }) => at),
    ...grants.flatMap(({ at, until }) => [at, until]),
  ]);
  const first = programmeAt(brand, since).tiers[0]?.id ?? '';
  const changes: TierChange[] = [{ at: since, tierId: first, reason: 'enrolled' }];
  const kept: number[] = [];
  let [byCounts, rank, nextRank, nextGrant] = [0, 0, 0, 0];
  for (const at of [...instants].toSorted((one, other) => one - other)) {
    let cause = 'tier-lapsed';
    for (; (ranks[nextRank]?.at ?? Infinity) <= at; nextRank += 1) {
      byCounts = ranks[nextRank]?.rank ?? 0;
      cause = ranks[nextRank]?.cause ?? cause;
    }
    for (; (grants[nextGrant]?.at ?? Infinity) <= at; nextGrant += 1) {
      const grant = grants[nextGrant];
      if (grant) kept[grant.rank] = Math.max(kept[grant.rank] ?? 0, grant.until);
    }
    const now = Math.max(
      byCounts,
      kept.findLastIndex((until) => (until ?? 0) > at),
    );
    if (now === rank) continue;
    const tierId = programmeAt(brand, at).tiers[now]?.id ?? first;
    changes.push({ at, tierId, reason: now > rank ? 'qualified' : cause });
    rank = now;
  }
  return changes;
}

/** The tier of a timeline at an instant. */
export const tierOn = (timeline: readonly TierChange[], at: number): TierChange | undefined =>
  timeline.findLast((change) => change.at <= at) ?? timeline[0];

const beginningOf = (programme: Programme | undefined, n: number, zone: string) =>
  n === 0 || programme?.effectiveFrom === undefined
    ? undefined
    : startOfDay(programme.effectiveFrom, zone);

/** The rank that counts alone give while one version of the programme is in force, at each instant it may change. */
function ranksUnder(
  programme: Programme,
  contributions: readonly Contribution[],
  zone: string,
  from: number,
  to: number,
) {
  const all = levels(contributions, programme.tierPeriod, zone);
  const before = all.findLast(({ at }) => at < from)?.counts ?? none;
  const start =
    from === -Infinity
      ? []
      : [{ at: from, rank: rankOf(programme, before), cause: 'programme-changed' }];
  return [
    ...start,
    ...all
      .filter(({ at }) => at >= from && at < to)
      .map(({ at, counts, taken }) => ({
        at,
        rank: rankOf(programme, counts),
        cause: taken ? 'requalification' : 'tier-lapsed',
      })),
  ];
}

/** Which rank stays until when for having been reached, whatever is counted later. */
function keptRanks(contributions: readonly Contribution[], brand: Programmes) {
  const { programme, programmes = [programme], timeZone } = brand;
  if (programmes.every(({ tierKeep }) => tierKeep === undefined)) return [];
  // As if what was taken back had never been.
  const net = contributions
    .map((one) => ({ ...one, at: one.of }))
    .toSorted((one, other) => one.at - other.at);
  return programmes.flatMap((version) => {
    const { tierKeep } = version;
    if (!tierKeep) return [];
    return levels(net, version.tierPeriod, timeZone)
      .filter(({ at, came }) => came && programmeAt(brand, at) === version)
      .map(({ at, counts }) => ({
        at,
        rank: rankOf(version, counts),
        until: keptUntil(tierKeep, at, timeZone),
      }))
      .filter(({ rank }) => rank > 0);
  });
}

function keptUntil(keep: TierKeep, at: number, zone: string): number {
  if ('months' in keep) return addMonths(at, keep.months, zone);
  return keep.until === 'endOfYear'
    ? endOf('year', at, zone)
    : endOf('year', endOf('year', at, zone), zone);
}

function rankOf({ tiers }: Programme, counts: Counts): number {
  return Math.max(
    0,
    tiers.findLastIndex((tier) => {
      const { mode, conditions } = conditionsOf(tier);
      const met = ({ attribute, goal }: (typeof conditions)[number]) => counts[attribute] >= goal;
      return mode === 'all' ? conditions.every(met) : conditions.some(met);
    }),
  );
}

/** One level an instant at which something comes or leaves, in order of time. */
function levels(contributions: readonly Contribution[], period: TierPeriod, zone: string): Level[] {
  const ticks = contributions.flatMap(({ at, of, measure, amount }) => {
    const left = leavesAt(of, period, zone);
    if (left <= at) return [];
    const comes = { at, measure, amount, came: amount > 0, taken: amount < 0 };
    return left === Infinity
      ? [comes]
      : [comes, { at: left, measure, amount: -amount, came: false, taken: false }];
  });
  // What comes first was first: the sort is stable, and contributions are in order of time.
  const all: Level[] = [];
  for (const { at, measure, amount, came, taken } of ticks.toSorted((a, b) => a.at - b.at)) {
    const last = all.at(-1);
    const counts = { ...(last?.counts ?? none) };
    counts[measure] += amount;
    if (last?.at !== at) all.push({ at, counts, came, taken });
    else all[all.length - 1] = { at, counts, came: last.came || came, taken: last.taken || taken };
  }
  return all;
}

function leavesAt(of: number, period: TierPeriod, zone: string): number {
  switch (period.kind) {
    case 'lifetime':
      return Infinity;
    case 'rolling':
      return addMonths(of, period.months, zone);
    case 'calendarYear':
      return startOfDay(`${localAt(of, zone).year + 1}-01-01`, zone);
    default:
      return period satisfies never;
  }
}
