import { TemporaryError } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';
import { isConnectionFault } from '../postgres/pool.ts';

/*
 * Work on the ledger waits here, before it takes a connection, for what came before it about the same members:
 *
 *   waiting ──its members are free, and a place is──▶ running ──▶ done
 *
 * What has come meanwhile goes with it, in one transaction: the more events come at once, the fewer transactions they are. A
 * group of several members must be quick: where one of them is held up (somebody else has a lock on a row of theirs), each entry
 * goes back into line, and from then on only with others of its own members.
 */

export type LedgerTurns<Result> = {
  /** Applies events; one result each. @throws TemporaryError `ledger-busy` when too much waits */
  readonly apply: (tenant: string, events: readonly unknown[]) => Promise<readonly Result[]>;
  /** Other work on a member's rows; of nobody it only waits for a place. */
  readonly run: <Value>(
    tenant: string,
    memberId: string | null,
    work: () => Promise<Value>,
  ) => Promise<Value>;
};

type Waiting<Result> = {
  readonly tenant: string;
  readonly names: ReadonlySet<string>;
  readonly reject: (error: unknown) => void;
} & (
  | {
      readonly events: readonly unknown[];
      readonly resolve: (results: readonly Result[]) => void;
      /** Not with others' events: a group with it had to wait. */
      readonly alone: boolean;
    }
  | { readonly events: null; readonly work: () => Promise<void> }
);

export function openLedgerTurns<Result>(
  /** `hurried`: it may throw rather than wait for others' locks. */
  apply: (
    tenant: string,
    events: readonly unknown[],
    hurried: boolean,
  ) => Promise<readonly Result[]>,
  limits: { readonly atOnce: number; readonly waiting: number; readonly together: number },
): LedgerTurns<Result> {
  type Entry = Waiting<Result>;
  let waiting: Entry[] = [];
  const busy = new Set<string>();
  let running = 0;

  /** Starts what can be; what must wait keeps its members from what came after it. */
  const start = () => {
    const taken = new Set(busy);
    for (const entry of waiting) {
      if (running >= limits.atOnce) return;
      if (!waiting.includes(entry)) continue;
      if (meets(entry.names, taken)) addAll(taken, entry.names);
      else {
        const group = groupOf(entry, waiting, taken, limits.together);
        waiting = waiting.filter((one) => !group.includes(one));
        for (const { names } of group) {
          addAll(busy, names);
          addAll(taken, names);
        }
        running += 1;
        void settle(group);
      }
    }
  };

  const settle = async (group: readonly Entry[]) => {
    try {
      await together(group);
    } finally {
      running -= 1;
      for (const { names } of group) for (const name of names) busy.delete(name);
      start();
    }
  };

  const together = async (group: readonly Entry[]): Promise<void> => {
    const [first] = group;
    if (!first) return;
    if (!first.events) return first.work();
    const hurried = !first.alone && group.length > 1;
    try {
      const results = await apply(
        first.tenant,
        group.flatMap(({ events }) => events ?? []),
        hurried,
      );
      let from = 0;
      for (const entry of group) {
        if (!entry.events) continue;
        entry.resolve(results.slice(from, from + entry.events.length));
        from += entry.events.length;
      }
    } catch (error) {
      // What is wrong with one is nobody else's.
      if (hurried && !isConnectionFault(error))
        waiting = [...group.map((entry) => ({ ...entry, alone: true })), ...waiting];
      else if (group.length > 1 && !isConnectionFault(error))
        for (const entry of group) await together([entry]);
      else for (const { reject } of group) reject(error);
    }
  };

  const enter = (entry: Entry) => {
    if (waiting.length >= limits.waiting)
      throw new TemporaryError('ledger-busy', 'more events come than can be applied; try later');
    waiting.push(entry);
    start();
  };

  return {
    apply: (tenant, events) =>
      new Promise((resolve, reject) => {
        enter({ tenant, names: whoIn(tenant, events), events, resolve, reject, alone: false });
      }),
    run: (tenant, memberId, work) =>
      new Promise((resolve, reject) => {
        const names = whoIn(tenant, [{ memberId }]);
        enter({ tenant, names, events: null, work: () => work().then(resolve, reject), reject });
      }),
  };
}

/** An entry with those behind it that may go with it, as far as nothing between comes first. */
function groupOf<One extends Waiting<never> | Waiting<unknown>>(
  first: One,
  waiting: readonly One[],
  taken: ReadonlySet<string>,
  most: number,
): One[] {
  const group = [first];
  if (!first.events) return group;
  const own = new Set(first.names);
  const others = new Set(taken);
  let size = first.events.length;
  for (const entry of waiting.slice(waiting.indexOf(first) + 1)) {
    const fits =
      entry.events !== null &&
      entry.tenant === first.tenant &&
      size + entry.events.length <= most &&
      (meets(entry.names, own) || !(first.alone || entry.alone)) &&
      !meets(entry.names, others);
    if (!fits) addAll(others, entry.names);
    else {
      group.push(entry);
      addAll(own, entry.names);
      size += entry.events.length;
    }
  }
  return group;
}

const meets = (some: ReadonlySet<string>, others: ReadonlySet<string>) =>
  [...some].some((name) => others.has(name));
const addAll = (to: Set<string>, names: ReadonlySet<string>) => {
  for (const name of names) to.add(name);
};

/** Whom events are about, as far as they say so: what leads to the same member by another way waits for the rows instead. */
const whoIn = (tenant: string, events: readonly unknown[]): ReadonlySet<string> =>
  new Set(
    events.flatMap((event) => {
      if (!isRecord(event)) return [];
      const { memberId, identity } = event;
      if (typeof memberId === 'string') return [`${tenant}\n${memberId}`];
      return identity === undefined ? [] : [`${tenant}\n${JSON.stringify(identity)}`];
    }),
  );
