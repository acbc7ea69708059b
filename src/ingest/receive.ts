import { createHash } from 'node:crypto';

import { canonicalAddress } from '../core/address.ts';
import type { Problem } from '../core/errors.ts';
import type { EventResult } from '../ledger/batch.ts';
import { Identity, type LedgerEventInput } from '../ledger/events.ts';
import type { HeldEvent } from '../ledger/held-events.ts';
import { erasureOf, type ToErase } from '../ledger/identity/accounts-to-erase.ts';
import { canonicalOf } from '../ledger/identity/identity.ts';

/** Something that can't be read, and is too important to be left out. */
export type Unread = {
  readonly source: string;
  /** What it would be. */
  readonly type: string;
  /** Whom it names, so that it goes with the account. */
  readonly memberId: string | undefined;
  readonly payload: unknown;
  readonly problems: readonly Problem[];
};

/** Somebody asks to be forgotten, at `at`. */
export type Erasure = ToErase & {
  readonly source: string;
  readonly id: string;
  readonly at: string;
};

/** The ledger and the place where events wait, for one tenant. */
export type ReceiveDeps = {
  readonly applyEvents: (events: readonly unknown[]) => Promise<readonly EventResult[]>;
  readonly accountsToErase: (who: ToErase) => Promise<readonly string[]>;
  /** The accounts under which these orders were placed; those not placed yet are left out. */
  readonly orderOwners: (orderIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly hold: (events: readonly HeldEvent[]) => Promise<void>;
  readonly heldForOrders: (orderIds: readonly string[]) => Promise<readonly HeldEvent[]>;
  readonly release: (events: readonly Pick<HeldEvent, 'source' | 'id'>[]) => Promise<void>;
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
  events: readonly LedgerEventInput[],
  deps: ReceiveDeps,
): Promise<Received> {
  const received = nothingReceived();
  const first = events.filter((event) => !isAboutOrder(event));
  const results = await apply(first, connection, deps, received);
  const placed = placedIn(first, results);
  const gone = erasedIn(first, results);
  const about = events.filter(isAboutOrder);
  const left = about.flatMap((event) => (gone.has(event.orderId) ? ofNobody(event) : [event]));
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
  const waiting = await applyOwned(
    ofOrders,
    await deps.orderOwners(ofOrders.map(({ orderId }) => orderId)),
    connection,
    deps,
    received,
  );
  received.waiting = waiting.length;
  await deps.hold(waiting.map((event) => heldEvent(event, connection, [])));
  // An order that arrived in between looked for what waits before this did.
  const late = [...(await deps.orderOwners(waiting.map(({ orderId }) => orderId))).keys()];
  await applyHeld(late, deps);
  return received;
}

/** What is told of orders that this delivery places, or has placed before, under the accounts they were placed under. */
async function ofTheirOrders(
  events: readonly AboutOrder[],
  placed: readonly string[],
  deps: ReceiveDeps,
): Promise<AboutOrder[]> {
  const named = events.filter((event) => !lacksPerson(event));
  const owners = await deps.orderOwners(
    named.flatMap(({ orderId }) => placed.filter((one) => one === orderId)),
  );
  return events.map((event) => {
    const memberId = owners.get(event.orderId);
    if (memberId === undefined || event.memberId !== undefined) return event;
    const { identity: _nowadays, ...rest } = event;
    return { ...rest, memberId };
  });
}

/** Keeps what nobody understood. The same again is held once. */
export async function holdUnread(
  connection: string,
  { source, type, memberId, payload, problems }: Unread,
  deps: Pick<ReceiveDeps, 'hold'>,
): Promise<Received> {
  const hash = createHash('sha256').update(JSON.stringify(payload)).digest('hex').slice(0, 24);
  const event = { source, id: `unread-${hash}`, type, ...(memberId && { memberId }), payload };
  const mentions = memberId === undefined ? addressesIn(payload) : undefined;
  await deps.hold([{ ...heldEvent(event, connection, problems), mentions }]);
  const named = problems.map(({ path, message }) => ({ path: `${event.id}: ${path}`, message }));
  return { ...nothingReceived(), refused: 1, problems: named };
}

/**
 * Erases whoever is meant, each account by an event of its own, which stays as the proof: of whom, when and at whose word.
 * Whom nobody knows is ignored.
 */
export async function receiveErasure(
  connection: string,
  { source, id, at, ...who }: Erasure,
  deps: ReceiveDeps,
): Promise<Received> {
  const accounts = await deps.accountsToErase(who);
  const events = accounts.map((memberId) => erasureOf(memberId, { source, id, at }));
  const received = nothingReceived();
  await apply(events, connection, deps, received);
  if (events.length === 0) received.ignored += 1;
  return received;
}

/** The addresses anywhere in it, in their one form. */
function addressesIn(value: unknown): string[] {
  const text = JSON.stringify(value) ?? '';
  const found = [...text.matchAll(/[^\s"<>,;:()\\]+@[^\s"<>,;:()\\]+/gu)].map(([one]) => one);
  return [...new Set(found.map((one) => canonicalAddress(one.replace(/[.'!?]+$/, ''))))];
}

/** Adds up. */
export const nothingReceived = (): Received => ({
  applied: 0,
  duplicate: 0,
  ignored: 0,
  waiting: 0,
  refused: 0,
  problems: [],
});

/** Applies what is held for these orders. */
async function applyHeld(orderIds: readonly string[], deps: ReceiveDeps) {
  const held = await deps.heldForOrders(orderIds);
  if (held.length > 0) await retryHeld(held, deps);
}

/** Tries held events again: those whose order is there by now, and those the ledger refused. */
export async function retryHeld(
  held: readonly HeldEvent[],
  deps: Pick<ReceiveDeps, 'applyEvents' | 'orderOwners' | 'hold' | 'release'>,
): Promise<readonly EventResult[]> {
  const owners = await deps.orderOwners(held.flatMap(({ orderId }) => orderId ?? []));
  const ready = held.flatMap((one) => {
    const { event, source, id, connection } = one;
    const memberId = owners.get(one.orderId ?? '');
    const known = { ...event, source, id };
    if (!lacksPerson(event)) return [{ connection, event: known }];
    return memberId === undefined ? [] : [{ connection, event: { ...known, memberId } }];
  });
  if (ready.length === 0) return [];
  const results = await deps.applyEvents(ready.map(({ event }) => event));
  await settle(ready, results, deps);
  return results;
}

/** @returns those whose order isn't there */
async function applyOwned(
  events: readonly AboutOrder[],
  owners: ReadonlyMap<string, string>,
  connection: string,
  deps: ReceiveDeps,
  received: Received,
): Promise<AboutOrder[]> {
  const ready = events.flatMap((event) => {
    const memberId = owners.get(event.orderId);
    return memberId === undefined ? [] : [{ ...event, memberId }];
  });
  await apply(ready, connection, deps, received);
  return events.filter(({ orderId }) => !owners.has(orderId));
}

async function apply(
  events: readonly LedgerEventInput[],
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

/** As it is held: an event that was typed once, or one that wasn't understood. */
type Told = Readonly<Record<string, unknown>> & Pick<HeldEvent, 'source' | 'id'>;

/** Holds what was refused and forgets what no longer is. */
async function settle(
  events: readonly { readonly connection: string; readonly event: Told }[],
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

const heldEvent = (event: Told, connection: string, problems: readonly Problem[]): HeldEvent => {
  const { source, id } = event;
  const orderId = event['orderId'];
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

function whoOf(event: Told): string | null {
  const known = Identity.safeParse(event['identity']);
  return known.success ? canonicalOf(known.data).canonical : null;
}

/** Told of an order, after it was placed. */
type AboutOrder = Exclude<
  Extract<LedgerEventInput, { type: `order.${string}` }>,
  { type: 'order.placed' }
>;
const isAboutOrder = (event: LedgerEventInput): event is AboutOrder =>
  event.type.startsWith('order.') && event.type !== 'order.placed';

/** Told of an order by somebody who doesn't say whose it is. */
const lacksPerson = (event: Readonly<Record<string, unknown>>): boolean =>
  event['type'] === 'order.refunded' &&
  event['memberId'] === undefined &&
  event['identity'] === undefined;

/** Orders of people who were erased: they were placed once, and are nobody's now. */
const erasedIn = (
  events: readonly LedgerEventInput[],
  results: readonly EventResult[],
): ReadonlySet<unknown> =>
  new Set(
    events.flatMap((event, index) => {
      const result = results[index];
      const erased =
        (result?.kind === 'duplicate' && result.memberId === null) ||
        (result?.kind === 'ignored' && result.why === 'member-erased');
      return event.type === 'order.placed' && erased ? [event.orderId] : [];
    }),
  );

/** What can be told of an order without saying whose it is: that its messages must stop. */
function ofNobody(event: AboutOrder): AboutOrder[] {
  if (event.type !== 'order.cancelled') return [];
  const { identity: _theirs, memberId: _them, ...rest } = event;
  return [rest];
}

const placedIn = (events: readonly LedgerEventInput[], results: readonly EventResult[]): string[] =>
  events.flatMap((event, index) => {
    const there = results[index]?.kind === 'applied' || results[index]?.kind === 'duplicate';
    return event.type === 'order.placed' && there ? [event.orderId] : [];
  });
