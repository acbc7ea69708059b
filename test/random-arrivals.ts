import { createHash } from 'node:crypto';

import * as fc from 'fast-check';

import type { LedgerEventInput } from '../src/ledger/events.ts';

type Type = LedgerEventInput['type'];
type Body = Record<string, unknown>;

const dayMs = 86_400_000;
const start = Date.UTC(2025, 0, 10, 9);
/** `days` after the members enrolled. */
export const arrivalDay = (days: number): string => new Date(start + days * dayMs).toISOString();
/** Nothing happens after it. */
export const lastDay = 500;

/** Everybody whose facts are told. `dora` is erased in the end, `erin` enrols under an id that events name before. */
export const people = ['ana', 'bea', 'cleo', 'dora', 'erin'] as const;
const card = { kind: 'card' as const, value: 'CARD-1' };

const few = fc.integer({ min: 1, max: 300 });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const productId = fc.constantFrom('oat-latte', 'flat-white', 'mug');
const line = fc.record({
  productId,
  kind: optional(fc.constantFrom('product', 'tip', 'shipping')),
  lineId: optional(fc.constantFrom('l1', 'l2')),
  quantity: fc.integer({ min: 1, max: 3 }),
  unitPrice: fc.integer({ min: 0, max: 2500 }),
  fullPrice: fc.boolean(),
  category: optional(fc.constantFrom('coffee', 'mugs')),
  attributes: optional(fc.constantFrom(['oat'], ['hot', 'oat'])),
});
const lines = fc.array(line, { maxLength: 3 });
/** Days are relative to the event and become times once it is known when that is. */
const lot = fc.record({
  points: few,
  activeAt: optional(fc.constantFrom(null, 'in 3 days', 'in 40 days')),
  expiresAt: optional(fc.constantFrom('in 60 days', 'in 90 days')),
  qualifyingPoints: optional(few),
});
const purchase = {
  channel: fc.constantFrom('store', 'app'),
  store: optional(fc.constantFrom('North', 'South')),
  currency: fc.constantFrom('EUR', 'EUR', 'CHF'),
  total: fc.integer({ min: 0, max: 6000 }),
  saved: fc.nat({ max: 900 }),
  lines,
  pointsEarned: fc.option(optional(lot), { nil: null }),
  pointsSpent: optional(few),
  pointsLock: optional(fc.constantFrom('a', 'b')),
};
const orderId = fc.constantFrom('o0', 'o1', 'o2');
const bookingId = fc.constantFrom('b0', 'b1');
const text = fc.constantFrom('Ada', 'Bo', 'Cy');
const identities = fc.constant([]);
const ends = {
  points: fc.constantFrom('reverse', 'leave'),
  subjects: fc.constantFrom([], ['trip:9']),
};
const reason = fc.constantFrom('given', 'goodwill');
const other = fc.constantFrom('bea', 'cleo');
const about = { otherMemberId: optional(other), identity: optional(fc.constant(card)), reason };

/** What an event of each type can say, beside who and when. */
const bodies: Readonly<Record<Type, fc.Arbitrary<Body>>> = {
  'member.enrolled': fc.record({
    firstName: optional(text),
    lastName: optional(text),
    locale: optional(fc.constantFrom('de', 'en')),
    timeZone: optional(fc.constantFrom('Europe/Berlin', 'Asia/Tokyo')),
    birthday: optional(fc.constantFrom('1990-05-17', '02-29')),
    mailFrequency: optional(fc.constantFrom('weekly', 'monthly')),
    proof: optional(fc.constant('page 1')),
    preferences: optional(fc.constant({ diets: ['vegan'] })),
    identities,
  }),
  'member.updated': fc.record({
    email: optional(fc.constantFrom(null, 'unique')),
    firstName: optional(fc.option(text)),
    lastName: optional(fc.option(text)),
    locale: optional(fc.constantFrom('fr', 'ar')),
    timeZone: optional(fc.constantFrom('Europe/Paris', 'America/Lima')),
    birthday: optional(fc.constantFrom(null, '--12-31', '2000-02-29')),
    mailFrequency: optional(fc.constantFrom('all', 'weekly')),
    proof: optional(fc.constant('page 2')),
    preferences: optional(fc.constant({ diets: ['vegetarian'], avoidCategories: ['tea'] })),
    identities,
    status: optional(fc.constantFrom('active', 'suspended')),
  }),
  'member.erased': fc.constant({}),
  'consent.changed': fc.record({
    purpose: fc.constantFrom('marketing', 'profiling', 'location', 'birthday', 'topic:news'),
    granted: fc.boolean(),
    givenAt: optional(fc.constant('till')),
    proof: optional(fc.constant('form 7')),
    basis: optional(fc.constantFrom('consent', 'existing-customer', 'contract')),
  }),
  'order.placed': fc.record({ orderId, ...purchase }),
  'order.changed': fc.record({
    orderId,
    total: purchase.total,
    saved: purchase.saved,
    lines,
    pointsEarned: purchase.pointsEarned,
  }),
  'order.paid': fc.record({ orderId }),
  'order.fulfilled': fc.record({ orderId }),
  'booking.made': fc
    .record({
      bookingId,
      startsAt: optional(fc.constant('in 60 days')),
      endsAt: optional(fc.constant('in 90 days')),
      ...purchase,
    })
    // One subject a booking: messages about what was stopped once stay stopped. It becomes its member's.
    .map((one) => ({ ...one, ...(one.bookingId === 'b0' && { subject: 'stay' }) })),
  'booking.changed': fc.record({
    bookingId,
    startsAt: optional(fc.constantFrom('in 60 days', 'in 90 days')),
    endsAt: optional(fc.constant('in 90 days')),
    total: optional(purchase.total),
    lines: optional(lines),
  }),
  'booking.cancelled': fc.record({ bookingId, ...ends }),
  'order.cancelled': fc.record({ orderId, ...ends }),
  'order.refunded': fc.record({
    orderId,
    refundId: optional(fc.constantFrom('r1', 'r2')),
    lines: optional(
      fc.array(
        fc.record({
          productId,
          quantity: fc.integer({ min: 1, max: 2 }),
          lineId: optional(fc.constantFrom('l1', 'l2', '1')),
          unitPrice: optional(fc.nat({ max: 2500 })),
        }),
        { maxLength: 2 },
      ),
    ),
    amount: optional(fc.nat({ max: 3000 })),
    pointsTakenBack: optional(fc.nat({ max: 200 })),
    pointsGivenBack: optional(few),
  }),
  'subject.cancelled': fc.record({ subject: fc.constantFrom('trip:1', 'order:7') }),
  'points.earned': fc
    .tuple(
      lot,
      fc.record({ ref: optional(fc.constantFrom('o0', 'o1', 'x')), reason: optional(reason) }),
    )
    .map(([one, more]) => ({ ...one, ...more })),
  'points.activated': fc.record({ ref: fc.constantFrom('o0', 'o1', 'x') }),
  'points.adjusted': fc.record({
    points: fc.integer({ min: -200, max: 200 }),
    qualifyingPoints: optional(fc.integer({ min: -100, max: 100 })),
    expiresAt: optional(fc.constant('in 60 days')),
    reason,
  }),
  'points.spent': fc.record({
    points: few,
    lock: optional(fc.constantFrom('a', 'b')),
    ref: optional(fc.constantFrom('o0', 'o1')),
  }),
  'points.expired': fc.record({ points: few }),
  'points.locked': fc.record({
    points: few,
    lock: fc.constantFrom('a', 'b'),
    until: optional(fc.constantFrom('in 3 days', 'in 40 days')),
  }),
  'points.released': fc.record({ points: optional(few), lock: fc.constantFrom('a', 'b') }),
  'coupon.issued': fc.record({
    code: fc.constantFrom('c1', 'c2'),
    offerId: fc.constantFrom('x', 'y'),
    startDate: optional(fc.constant('in 3 days')),
    expiryDate: optional(fc.constantFrom('in 40 days', 'in 60 days')),
  }),
  'coupon.redeemed': fc.record({ code: fc.constantFrom('c1', 'c2') }),
  'coupon.disabled': fc.record({ code: fc.constantFrom('c1', 'c2') }),
  'coupon.expired': fc.record({ code: fc.constantFrom('c1', 'c2') }),
  'bonus.granted': fc.record({
    bonusId: fc.constantFrom('g1', 'g2'),
    points: fc.nat({ max: 100 }),
    useBy: optional(fc.constantFrom('in 60 days', 'in 40 days')),
    reason: optional(reason),
  }),
  'bonus.used': fc.record({ bonusId: fc.constantFrom('g1', 'g2') }),
  'offer.redeemed': fc.record({ offerId: fc.constantFrom('x', 'y'), orderId: optional(orderId) }),
  'tier.changed': fc.record({
    tierId: fc.constantFrom('base', 'plus', 'top'),
    expiresAt: optional(fc.constantFrom('in 40 days', 'in 90 days')),
    reason,
  }),
  // About something else each time: what a cap leaves of several depends on which is told first.
  'engagement.recorded': fc.record({
    kind: fc.constantFrom('visit', 'review'),
    subject: fc.constant('unique'),
    channel: optional(fc.constant('app')),
    store: optional(fc.constant('North')),
  }),
  'reward.claimed': fc.record({ rewardId: fc.constant('drink') }),
  'signal.observed': fc.record({
    kind: fc.constantFrom('location', 'browsing'),
    category: optional(fc.constantFrom('coffee', 'tea')),
    productId: optional(productId),
    store: optional(fc.constant('North')),
    channel: optional(fc.constant('app')),
  }),
  'identity.linked': fc.constant({ identity: card }),
  'identity.unlinked': fc.constant({ identity: card }),
  'members.merged': fc.record({ otherMemberId: other, reason }),
  'members.unmerged': fc.record({ otherMemberId: other, reason }),
  'link.disputed': fc.record(about),
  'link.confirmed': fc.record(about),
  'product.upserted': fc.constant({
    brand: 'club',
    product: { productId: 'scarf', name: { en: 'Scarf' }, category: 'scarves' },
  }),
};

/** Who is one person: told in order of time, as facts count for whom they are told of; and who there is at all before that. */
const isOrdered = (type: string) => isLink(type) || type === 'member.enrolled';
const isLink = (type: string) => /^(?:identity|members|link)\./.test(type);
const types = Object.keys(bodies).filter(isType);
function isType(name: string): name is Type {
  return name in bodies;
}
const drawn = types.filter((type) => type !== 'member.enrolled' && type !== 'member.erased');
const often = drawn.flatMap((type) =>
  /^(?:order|booking)\./.test(type) ? Array<Type>(5).fill(type) : type,
);

const drawnEvent = (from: readonly Type[]) =>
  fc
    .record({
      what: fc.constantFrom(...from).chain((type) => bodies[type].map((body) => ({ type, body }))),
      day: fc.integer({ min: 1, max: lastDay - 100 }),
      /** Milliseconds of that day: an instant of its own, and what tells it from all others. */
      instant: fc.nat({ max: dayMs - 1 }),
      who: fc.constantFrom(...people, 'ana', 'ana', 'ana'),
      how: fc.constantFrom('member', 'member', 'member', 'card', 'nobody'),
    })
    .map(({ what, ...rest }) => ({ ...what, ...rest }));
type Drawn = ReturnType<typeof drawnEvent> extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * In order of time, each at an instant of its own. Half of the histories are of all types, half of some few, which meet
 * each other more often then.
 */
export const randomArrivals = (maxLength: number): fc.Arbitrary<LedgerEventInput[]> => {
  const of = (from: readonly Type[]) =>
    fc.uniqueArray(drawnEvent(from), {
      minLength: 8,
      maxLength,
      selector: ({ instant }) => instant,
    });
  const some = fc.subarray(drawn, { minLength: 3, maxLength: 8 }).chain(of);
  return fc
    .tuple(fc.oneof(of(often), some), bodies['member.enrolled'])
    .map(([events, described]) => {
      const enrolled = people.map((who, n) =>
        inTime(
          {
            type: 'member.enrolled',
            ...described,
            memberId: who,
            brand: 'club',
            membershipNumber: who,
            email: `${who}@mail.example`,
          },
          0,
          n,
        ),
      );
      const consent = { type: 'consent.changed', purpose: 'marketing', granted: true };
      // Everybody is known as of the same day in the end.
      const last = people.map((who, n) =>
        who === 'dora'
          ? inTime({ type: 'member.erased', memberId: who }, lastDay, n)
          : inTime({ ...consent, memberId: who }, lastDay, n),
      );
      const ofCard = inTime({ ...consent, identity: card, brand: 'club' }, lastDay, people.length);
      const all = events
        .map(eventOf)
        .toSorted((one, next) => Date.parse(one.at ?? '') - Date.parse(next.at ?? ''));
      return [...enrolled, ...all, ...last, ofCard];
    });
};

function eventOf({ type, body, day, instant, who, how }: Drawn): LedgerEventInput {
  if (type === 'product.upserted') return inTime({ type, ...body }, day, instant);
  // Who is linked with whom: none that is erased in the end.
  if (isLink(type))
    return inTime({ type, ...body, memberId: who === 'bea' ? 'bea' : 'ana' }, day, instant);
  const owner = how === 'card' ? 'card' : who;
  const ids = ['orderId', 'bookingId', 'ref'].flatMap((name) =>
    typeof body[name] === 'string' ? [[name, `${owner}-${body[name]}`]] : [],
  );
  if (body['subject'] === 'stay') ids.push(['subject', `stay:${owner}`]);
  const mayBeNobody = type === 'order.cancelled' || type === 'booking.cancelled';
  const named =
    how === 'card' && !type.startsWith('member.')
      ? { identity: card, brand: 'club' }
      : how === 'nobody' && mayBeNobody
        ? {}
        : { memberId: who };
  return inTime({ type, ...body, ...Object.fromEntries(ids), ...named }, day, instant);
}

/** Gives it its time and an id, and its dates theirs. */
function inTime(event: Body, day: number, instant: number): LedgerEventInput {
  const unique = `${day}-${instant}`;
  const filled = (value: unknown): unknown => {
    if (value === 'unique')
      return event['type'] === 'member.updated' ? `u${unique}@mail.example` : `s${unique}`;
    const [, days] = /^in (\d+) days$/.exec(typeof value === 'string' ? value : '') ?? [];
    if (days !== undefined) return arrivalDay(day + Number(days));
    if (Array.isArray(value)) return value.map(filled);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, one]) => one !== undefined)
            .map(([name, one]) => [name, filled(one)]),
        )
      : value;
  };
  const at = new Date(start + day * dayMs + instant).toISOString();
  return { source: 'test', id: `e${unique}`, at, ...Object(filled(event)) };
}

/**
 * The same events in another order, which one goes before which follows from `seed` alone, however many there are. Who is
 * linked with whom keeps its own order.
 */
export function shuffled(events: readonly LedgerEventInput[], seed: number): LedgerEventInput[] {
  const key = ({ id }: LedgerEventInput) =>
    createHash('sha256').update(`${seed} ${id}`).digest('hex');
  const keys = new Map(events.map((one) => [one, key(one)]));
  const all = events.toSorted((one, next) =>
    (keys.get(one) ?? '') < (keys.get(next) ?? '') ? -1 : 1,
  );
  const ordered = events.filter(({ type }) => isOrdered(type));
  return all.map((one) => (isOrdered(one.type) ? (ordered.shift() ?? one) : one));
}
