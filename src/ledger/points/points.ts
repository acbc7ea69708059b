/**
 * How movements of points combine to balances. Points live in lots: earned (or added) together, spendable from one
 * instant to another. A lot is pending, then active, then spent, locked or expired:
 *
 *   pending ──activeAt──▶ active ──expiresAt──▶ expired      (what waits for good expires at its date as well)
 *                          │  ▲
 *                     lock │  │ release, or its end (what was locked past its date expires then)
 *                          ▼  │
 *                         locked ──▶ spent
 *
 * What expires first is used first. When more is taken than is active, the rest is a debt that the next points pay.
 * What is given back has the dates it had when it was spent. What is taken back from a purchase is what is left of its own
 * points, then what of these lapsed unused (it is gone already), then any others.
 * Where the programme lets points lapse of inactivity, each earning and spending says when that would be; the last one
 * counts, and all that is active then expires.
 * At any time: active + pending + locked = earned + adjusted − spent − expired, where what is written off counts as adjusted.
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
  /** What is taken back and isn't there any more is written off rather than owed. */
  readonly floors?: boolean;
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
  /** When a lock ends by itself; those that aren't here end when somebody says so. */
  readonly lockEnds: Map<string, number>;
  debt: number;
  earned: number;
  spent: number;
  expired: number;
  /** Expired by date, and not yet confirmed by an `expire` entry. */
  unconfirmed: number;
  qualifying: number;
  /** Taken back and not there any more, where that isn't owed. */
  writtenOff: number;
  idleAt: number;
  /** What was spent on a purchase (or other reference), in the order it was taken. */
  readonly used: Map<string, Lot[]>;
  /** What lapsed of a purchase's own points. */
  readonly lapsed: Map<string, number>;
};

export const emptyAccount = (): Account => ({
  active: [],
  pending: [],
  locks: new Map(),
  lockEnds: new Map(),
  debt: 0,
  earned: 0,
  spent: 0,
  expired: 0,
  unconfirmed: 0,
  qualifying: 0,
  writtenOff: 0,
  idleAt: Infinity,
  used: new Map(),
  lapsed: new Map(),
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
export const nextChange = ({ active, pending, idleAt, lockEnds }: Account): number =>
  Math.min(
    ...lockEnds.values(),
    pending[0]?.activeAt ?? Infinity,
    pending.reduce((first, { expiresAt }) => Math.min(first, expiresAt), Infinity),
    active[0]?.expiresAt ?? Infinity,
    active.length > 0 ? idleAt : Infinity,
  );

/** Lets time pass: what is due by `to` becomes active or expires. A lot is gone at its `expiresAt`, not after it. */
export function advance(account: Account, to: number): void {
  const { active, pending } = account;
  for (;;) {
    const next = nextChange(account);
    if (next > to || next === Infinity) return;
    const ended = [...account.lockEnds].find(([, end]) => end <= next)?.[0];
    if (ended !== undefined) {
      account.lockEnds.delete(ended);
      comeBack(account, unlock(account, ended, Infinity), next);
      continue;
    }
    const gone = removeWhere(pending, ({ expiresAt }) => expiresAt <= next);
    if (gone.length > 0) expire(account, gone);
    else if (active[0] && active[0].expiresAt <= next) expire(account, active.splice(0, 1));
    else if (active.length > 0 && account.idleAt <= next) expire(account, active.splice(0));
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
    case 'spend': {
      account.spent += points;
      const unlocked = unlock(account, entry.lock, points);
      const used = [...unlocked, ...take(account, points - total(unlocked))];
      if (entry.ref !== null)
        account.used.set(entry.ref, [...(account.used.get(entry.ref) ?? []), ...used]);
      return;
    }
    case 'expire': {
      const confirmed = Math.min(points, account.unconfirmed);
      const more = Math.min(points - confirmed, total(account.active));
      account.unconfirmed -= confirmed;
      account.expired += more;
      noteLapsed(account, take(account, more));
      return;
    }
    case 'lock': {
      const lock = entry.lock ?? '';
      if (entry.expiresAt !== Infinity) account.lockEnds.set(lock, entry.expiresAt);
      account.locks.set(lock, [...(account.locks.get(lock) ?? []), ...take(account, points)]);
      return;
    }
    case 'release':
      comeBack(account, unlock(account, entry.lock, points === 0 ? Infinity : points), entry.at);
      return;
    case 'activate':
      for (const lot of removeWhere(account.pending, ({ ref }) => ref === entry.ref))
        activate(account, lot);
      return;
    case 'reverse':
      if (points >= 0) {
        account.spent -= points;
        return giveBack(account, entry);
      }
      account.earned += points;
      takeBack(account, entry);
  }
}

/** What was taken last comes back first: it is what she would still have, had she spent less. */
function giveBack(account: Account, entry: Entry): void {
  const used = (entry.ref === null ? undefined : account.used.get(entry.ref)) ?? [];
  used.reverse();
  const back = takeFrom(used, entry.points, () => true);
  used.reverse();
  comeBack(account, back, entry.at);
  // More than is known to have been spent on it.
  const more = entry.points - total(back);
  if (more > 0) add(account, { ...entry, points: more });
}

function takeBack(account: Account, { ref, points: negative, floors = false }: Entry): void {
  const points = -negative;
  const own = takeOwn(account, ref, points);
  const lapsed = ref === null ? 0 : Math.min(account.lapsed.get(ref) ?? 0, points - own);
  if (ref !== null && lapsed > 0) {
    account.lapsed.set(ref, (account.lapsed.get(ref) ?? 0) - lapsed);
    account.expired -= lapsed;
  }
  const more = points - own - lapsed;
  const there = floors ? Math.min(more, total(account.active)) : more;
  account.writtenOff += more - there;
  take(account, there);
}

/** Locked or spent points are hers again, as far as their time isn't over. */
function comeBack(account: Account, lots: readonly Lot[], at: number): void {
  for (const lot of lots) {
    if (lot.expiresAt <= at) expire(account, [lot]);
    else activate(account, lot);
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

function expire(account: Account, lots: readonly Lot[]): void {
  const points = total(lots);
  account.expired += points;
  account.unconfirmed += points;
  noteLapsed(account, lots);
}

function noteLapsed({ lapsed }: Account, lots: readonly Lot[]): void {
  for (const { ref, points } of lots)
    if (ref !== null) lapsed.set(ref, (lapsed.get(ref) ?? 0) + points);
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
