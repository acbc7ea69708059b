/**
 * How movements of points combine to balances. Points live in lots: earned (or added) together, spendable from one
 * instant to another. A lot is pending, then active, then spent, locked or expired:
 *
 *   pending ──activeAt──▶ active ──expiresAt──▶ expired
 *                          │  ▲
 *                     lock │  │ release            (what was locked past its date expires on release)
 *                          ▼  │
 *                         locked ──▶ spent
 *
 * What expires first is used first. When more is taken than is active, the rest is a debt that the next points pay.
 * Where the programme lets points lapse of inactivity, each earning and spending says when that would be; the last one
 * counts, and all that is active then expires.
 * At any time: active + pending + locked = earned + adjusted − spent − expired.
 */

export type EntryKind =
  | 'earn'
  | 'spend'
  | 'expire'
  | 'adjust'
  | 'lock'
  | 'release'
  | 'activate'
  | 'reverse';

/** One movement, as stored. Instants in epoch milliseconds; `Infinity` is never. */
export type Entry = {
  readonly kind: EntryKind;
  readonly points: number;
  readonly qualifying: number;
  readonly at: number;
  readonly activeAt: number;
  readonly expiresAt: number;
  readonly ref: string | null;
  readonly lock: string | null;
  /** When everything active lapses, unless something is earned or spent before; `Infinity` where that isn't the rule. */
  readonly idleAt?: number;
};

export type Lot = {
  points: number;
  readonly activeAt: number;
  readonly expiresAt: number;
  readonly ref: string | null;
};

/** Balances after some entries at some instant. Changed in place by `apply` and `advance`, within one fold. */
export type Account = {
  /** By `expiresAt`. */
  readonly active: Lot[];
  /** By `activeAt`. */
  readonly pending: Lot[];
  readonly locks: Map<string, Lot[]>;
  debt: number;
  earned: number;
  spent: number;
  expired: number;
  /** Expired by date, and not yet confirmed by an `expire` entry. */
  unconfirmed: number;
  qualifying: number;
  idleAt: number;
};

export const emptyAccount = (): Account => ({
  active: [],
  pending: [],
  locks: new Map(),
  debt: 0,
  earned: 0,
  spent: 0,
  expired: 0,
  unconfirmed: 0,
  qualifying: 0,
  idleAt: Infinity,
});

export const total = (lots: Iterable<{ readonly points: number }>): number => {
  let sum = 0;
  for (const { points } of lots) sum += points;
  return sum;
};

export const lockedPoints = ({ locks }: Account): number =>
  total([...locks.values()].map((lots) => ({ points: total(lots) })));

/** Spendable now; below zero while she owes points. */
export const activePoints = ({ active, debt }: Account): number => total(active) - debt;

/** When time alone changes something next; `Infinity` where it never does. */
export const nextChange = ({ active, pending, idleAt }: Account): number =>
  Math.min(
    pending[0]?.activeAt ?? Infinity,
    active[0]?.expiresAt ?? Infinity,
    active.length > 0 ? idleAt : Infinity,
  );

/** Lets time pass: what is due by `to` becomes active or expires. A lot is gone at its `expiresAt`, not after it. */
export function advance(account: Account, to: number): void {
  const { active, pending } = account;
  for (;;) {
    const next = nextChange(account);
    if (next > to || next === Infinity) return;
    if (active[0] && active[0].expiresAt <= next) expire(account, active.shift()?.points ?? 0);
    else if (active.length > 0 && account.idleAt <= next) expire(account, total(active.splice(0)));
    else activate(account, pending.shift());
  }
}

/** Applies one movement; entries must come in order of time. */
export function apply(account: Account, entry: Entry): void {
  advance(account, entry.at);
  account.qualifying += entry.qualifying;
  if (entry.idleAt !== undefined) account.idleAt = entry.idleAt;
  const { points } = entry;
  switch (entry.kind) {
    case 'earn':
      account.earned += points;
      return add(account, entry);
    case 'adjust':
      if (points > 0) add(account, entry);
      else take(account, -points);
      return;
    case 'spend':
      account.spent += points;
      take(account, points - total(unlock(account, entry.lock, points)));
      return;
    case 'expire': {
      const confirmed = Math.min(points, account.unconfirmed);
      const more = Math.min(points - confirmed, total(account.active));
      account.unconfirmed -= confirmed;
      account.expired += more;
      take(account, more);
      return;
    }
    case 'lock': {
      const lock = entry.lock ?? '';
      account.locks.set(lock, [...(account.locks.get(lock) ?? []), ...take(account, points)]);
      return;
    }
    case 'release':
      for (const lot of unlock(account, entry.lock, points === 0 ? Infinity : points)) {
        if (lot.expiresAt <= entry.at) expire(account, lot.points);
        else activate(account, lot);
      }
      return;
    case 'activate':
      for (const lot of removeWhere(account.pending, ({ ref }) => ref === entry.ref))
        activate(account, lot);
      return;
    case 'reverse':
      if (points >= 0) {
        account.spent -= points;
        return add(account, entry);
      }
      account.earned += points;
      take(account, -points - takeOwn(account, entry.ref, -points));
  }
}

function add(account: Account, { points, at, activeAt, expiresAt, ref }: Entry): void {
  const lot = { points, activeAt, expiresAt, ref };
  if (activeAt > at) insert(account.pending, lot, 'activeAt');
  else activate(account, lot);
}

function activate(account: Account, lot: Lot | undefined): void {
  if (!lot) return;
  const paid = Math.min(lot.points, account.debt);
  account.debt -= paid;
  if (lot.points > paid) insert(account.active, { ...lot, points: lot.points - paid }, 'expiresAt');
}

function expire(account: Account, points: number): void {
  account.expired += points;
  account.unconfirmed += points;
}

/** Takes active points, those that expire first, first. What is missing becomes debt, and part of what is returned. */
function take(account: Account, wanted: number): Lot[] {
  const taken = takeFrom(account.active, wanted, () => true);
  const missing = wanted - total(taken);
  if (missing <= 0) return taken;
  account.debt += missing;
  return [...taken, { points: missing, activeAt: 0, expiresAt: Infinity, ref: null }];
}

/** Takes what is left of the lots of one reference, pending ones first; returns how much that was. */
function takeOwn({ pending, active }: Account, ref: string | null, wanted: number): number {
  if (ref === null) return 0;
  const own = (lot: Lot) => lot.ref === ref;
  const first = total(takeFrom(pending, wanted, own));
  return first + total(takeFrom(active, wanted - first, own));
}

function unlock({ locks }: Account, lock: string | null, wanted: number): Lot[] {
  const lots = lock === null ? undefined : locks.get(lock);
  return lots ? takeFrom(lots, wanted, () => true) : [];
}

function takeFrom(lots: Lot[], wanted: number, may: (lot: Lot) => boolean): Lot[] {
  const taken: Lot[] = [];
  let missing = wanted;
  for (const lot of lots) {
    if (missing <= 0) break;
    if (!may(lot)) continue;
    const points = Math.min(lot.points, missing);
    taken.push({ ...lot, points });
    lot.points -= points;
    missing -= points;
  }
  removeWhere(lots, ({ points }) => points === 0);
  return taken;
}

function removeWhere(lots: Lot[], which: (lot: Lot) => boolean): Lot[] {
  const removed = lots.filter(which);
  if (removed.length > 0) lots.splice(0, lots.length, ...lots.filter((lot) => !which(lot)));
  return removed;
}

/** Keeps the order, and among equals the order of arrival. */
function insert(lots: Lot[], lot: Lot, by: 'activeAt' | 'expiresAt'): void {
  let place = lots.length;
  while (place > 0 && (lots[place - 1]?.[by] ?? 0) > lot[by]) place -= 1;
  lots.splice(place, 0, lot);
}
