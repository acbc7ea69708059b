import type { Problem } from '../core/errors.ts';
import type { EventResult } from '../ledger/batch.ts';
import { Identity } from '../ledger/events.ts';
import { canonicalOf } from '../ledger/identity/identity.ts';

/** An event that came from outside, not checked yet. */
type RawEvent = Readonly<Record<string, unknown>> & {
  readonly source: string;
  readonly id: string;
};

type Held = {
  readonly source: string;
  readonly id: string;
  readonly connection: string;
  readonly orderId: string | null;
  readonly problems: readonly Problem[];
  readonly canonical: string | null;
  readonly event: Readonly<Record<string, unknown>>;
};

/** The ledger and the place where events wait, for one tenant. */
export type ReceiveDeps = {
  readonly applyEvents: (events: readonly unknown[]) => Promise<readonly EventResult[]>;
  /** The accounts under which these orders were placed; those not placed yet are left out. */
  readonly orderOwners: (orderIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly hold: (events: readonly Held[]) => Promise<void>;
  readonly heldForOrders: (orderIds: readonly string[]) => Promise<readonly Held[]>;
  readonly release: (events: readonly Pick<Held, 'source' | 'id'>[]) => Promise<void>;
};

/** How many events met which end. `waiting` ones are applied when their order arrives; `refused` ones are held. */
export type Received = {
  applied: number;
  duplicate: number;
  ignored: number;
  waiting: number;
  refused: number;
  /** Of the refused ones, as `refund-77: amount: …`, without values. */
  readonly problems: Problem[];
};

/**
 * Applies what a delivery tells, and keeps what can't be applied now: nobody will send it again. Whom an order is of, it
 * says when it is placed: what is told of it later goes to that account, also when the sender takes it for somebody else's
 * by then (a guest who registered, two customers who were merged). What names only an order (a refund) waits for it; an
 * order that arrives brings along what waited for it. The same delivery again changes nothing and finishes what a crash had
 * left.
 */
export async function receiveEvents(
  connection: string,
  events: readonly RawEvent[],
  deps: ReceiveDeps,
): Promise<Received> {
  const received: Received = {
    applied: 0,
    duplicate: 0,
    ignored: 0,
    waiting: 0,
    refused: 0,
    problems: [],
  };
  const first = events.filter((event) => !isAboutOrder(event));
  const results = await apply(first, connection, deps, received);
  const placed = placedIn(first, results);
  const gone = erasedIn(first, results);
  const about = events.filter(isAboutOrder);
  const left = about.flatMap((event) => (gone.has(event['orderId']) ? ofNobody(event) : [event]));
  received.ignored += about.length - left.length;
  const later = await ofTheirOrders(left, placed, deps);
  await apply(
    later.filter((event) => !lacksPerson(event)),
    connection,
    deps,
    received,
  );
  await applyHeld(placed, deps);

  const ofOrders = later.filter(lacksPerson);
  if (ofOrders.length === 0) return received;
  const ids = ofOrders.flatMap(({ orderId }) => (typeof orderId === 'string' ? [orderId] : []));
  const waiting = await applyOwned(
    ofOrders,
    await deps.orderOwners(ids),
    connection,
    deps,
    received,
  );
  received.waiting = waiting.length;
  await deps.hold(waiting.map((event) => heldEvent(event, connection, [])));
  // An order that arrived in between looked for what waits before this did.
  const late = [
    ...(await deps.orderOwners(waiting.map((event) => String(event['orderId'])))).keys(),
  ];
  await applyHeld(late, deps);
  return received;
}

/** What is told of orders that this delivery places, or has placed before, under the accounts they were placed under. */
async function ofTheirOrders(
  events: readonly RawEvent[],
  placed: readonly string[],
  deps: ReceiveDeps,
): Promise<RawEvent[]> {
  const named = events.filter((event) => !lacksPerson(event));
  const owners = await deps.orderOwners(
    named.flatMap(({ orderId }) => placed.filter((one) => one === orderId)),
  );
  return events.map((event) => {
    const memberId = owners.get(String(event['orderId']));
    if (memberId === undefined || event['memberId'] !== undefined) return event;
    const { identity: _nowadays, ...rest } = event;
    return { ...rest, source: event.source, id: event.id, memberId };
  });
}

/** Applies what is held for these orders. */
async function applyHeld(orderIds: readonly string[], deps: ReceiveDeps) {
  const held = await deps.heldForOrders(orderIds);
  if (held.length > 0) await retryHeld(held, deps);
}

/** Tries held events again: those whose order is there by now, and those the ledger refused. */
export async function retryHeld(
  held: readonly Held[],
  deps: Pick<ReceiveDeps, 'applyEvents' | 'orderOwners' | 'hold' | 'release'>,
): Promise<readonly EventResult[]> {
  const owners = await deps.orderOwners(held.flatMap(({ orderId }) => orderId ?? []));
  const ready = held.flatMap((one) => {
    const { event, source, id, connection } = one;
    const memberId = owners.get(one.orderId ?? '');
    if (!lacksPerson(event)) return [{ connection, event: { ...event, source, id } }];
    if (memberId === undefined) return [];
    return [{ connection, event: { ...event, source, id, memberId } }];
  });
  if (ready.length === 0) return [];
  const results = await deps.applyEvents(ready.map(({ event }) => event));
  await settle(ready, results, deps);
  return results;
}

/** @returns those whose order isn't there */
async function applyOwned(
  events: readonly RawEvent[],
  owners: ReadonlyMap<string, string>,
  connection: string,
  deps: ReceiveDeps,
  received: Received,
): Promise<RawEvent[]> {
  const ready = events.flatMap((event) => {
    const memberId = owners.get(String(event['orderId']));
    return memberId === undefined ? [] : [{ ...event, memberId }];
  });
  await apply(ready, connection, deps, received);
  return events.filter((event) => !owners.has(String(event['orderId'])));
}

async function apply(
  events: readonly RawEvent[],
  connection: string,
  deps: ReceiveDeps,
  received: Received,
): Promise<readonly EventResult[]> {
  if (events.length === 0) return [];
  const results = await deps.applyEvents(events);
  for (const [index, result] of results.entries()) {
    received[result.kind] += 1;
    if (result.kind !== 'refused') continue;
    for (const { path, message } of result.problems)
      received.problems.push({ path: `${events[index]?.id ?? index}: ${path}`, message });
  }
  await settle(
    events.map((event) => ({ connection, event })),
    results,
    deps,
  );
  return results;
}

/** Holds what was refused and forgets what no longer is. */
async function settle(
  events: readonly { readonly connection: string; readonly event: RawEvent }[],
  results: readonly EventResult[],
  deps: Pick<ReceiveDeps, 'hold' | 'release'>,
) {
  const refused = events.flatMap(({ connection, event }, index) => {
    const result = results[index];
    return result?.kind === 'refused' ? [heldEvent(event, connection, result.problems)] : [];
  });
  await deps.hold(refused);
  const done = events.filter((_, index) => results[index]?.kind !== 'refused');
  await deps.release(done.map(({ event }) => event));
}

const heldEvent = (event: RawEvent, connection: string, problems: readonly Problem[]): Held => {
  const { source, id, orderId } = event;
  return {
    source,
    id,
    connection,
    orderId: typeof orderId === 'string' ? orderId : null,
    problems,
    canonical: whoOf(event),
    event,
  };
};

function whoOf({ identity }: RawEvent): string | null {
  const known = Identity.safeParse(identity);
  return known.success ? canonicalOf(known.data).canonical : null;
}

/** Told of an order, after it was placed. */
const isAboutOrder = ({ type, orderId }: RawEvent): boolean =>
  typeof type === 'string' &&
  type.startsWith('order.') &&
  type !== 'order.placed' &&
  typeof orderId === 'string';

/** Told of an order by somebody who doesn't say whose it is. */
const lacksPerson = (event: Readonly<Record<string, unknown>>): boolean =>
  event['type'] === 'order.refunded' &&
  event['memberId'] === undefined &&
  event['identity'] === undefined;

/** Orders of people who were erased: they were placed once, and are nobody's now. */
const erasedIn = (
  events: readonly RawEvent[],
  results: readonly EventResult[],
): ReadonlySet<unknown> =>
  new Set(
    events.flatMap(({ type, orderId }, index) => {
      const result = results[index];
      const erased =
        (result?.kind === 'duplicate' && result.memberId === null) ||
        (result?.kind === 'ignored' && result.why === 'member-erased');
      return type === 'order.placed' && erased ? [orderId] : [];
    }),
  );

/** What can be told of an order without saying whose it is: that its messages must stop. */
function ofNobody(event: RawEvent): RawEvent[] {
  const { identity: _hers, memberId: _her, ...rest } = event;
  return event['type'] === 'order.cancelled'
    ? [{ ...rest, source: event.source, id: event.id }]
    : [];
}

const placedIn = (events: readonly RawEvent[], results: readonly EventResult[]): string[] =>
  events.flatMap(({ type, orderId }, index) => {
    const there = results[index]?.kind === 'applied' || results[index]?.kind === 'duplicate';
    return type === 'order.placed' && there && typeof orderId === 'string' ? [orderId] : [];
  });
