import type { LineKind, Until } from '../brand/accrual.ts';
import type { Brand } from '../brand/brand.ts';
import type { Product } from '../brand/catalogue.ts';
import type { Profile } from '../contract/profile.ts';
import type { Problem } from '../core/errors.ts';
import type { LedgerEvent } from './events.ts';
import type { ExternalTerms } from './points/external-points.ts';
import type { Entry, EntryKind } from './points/points.ts';
import type { Terms } from './programme/earning.ts';

type LedgerBrand = Pick<
  Brand,
  'programme' | 'programmes' | 'timeZone' | 'defaultLocale' | 'currency' | 'triggers'
>;

/** What the ledger needs to know of a brand; undefined where it isn't one of this installation. */
export type BrandOf = ((brand: string) => LedgerBrand | undefined) & {
  /** The brand's id, in an installation that has just one. */
  readonly only?: string | undefined;
};

export const brandsOf = (brands: ReadonlyMap<string, { readonly brand: LedgerBrand }>): BrandOf =>
  Object.assign((id: string) => brands.get(id)?.brand, {
    only: brands.size === 1 ? [...brands.keys()][0] : undefined,
  });

/** Why an applied event changed nothing. */
export type Ignored = 'already-linked' | 'already-merged' | 'already-disputed' | 'already-returned';

/** What became of one event. `refused` stored nothing: put it right and send it again under the same id. */
export type EventResult = { readonly source: string | null; readonly id: string | null } & (
  | {
      readonly kind: 'applied' | 'duplicate';
      readonly memberId: string | null;
      /** The member's version with this event in it; 0 where no member is concerned. */
      readonly ledgerVersion: number;
    }
  | { readonly kind: 'ignored'; readonly why: 'member-erased' | Ignored }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
);

export type Member = {
  memberId: string;
  brand: string;
  membershipNumber: string;
  /** `unregistered`: the account of an identity, which nobody has registered. */
  status: Profile['memberStatus'] | 'unregistered';
  enrolledAt: string;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  locale: string | null;
  timeZone: string | null;
  birthday: string | null;
  preferences: Profile['preferences'] | null;
  /** Epoch milliseconds by field. */
  fieldTimes: Record<string, number>;
  ledgerVersion: number;
  /** Epoch milliseconds. */
  asOf: number;
  /** The account this one was merged into: see accounts.ts. */
  mergedInto: string | null;
  disputes: readonly Dispute[];
};

/** An open dispute, in the list of both accounts it is about; with an identity where it is about that. */
export type Dispute = {
  readonly with: string;
  readonly kind: string | null;
  readonly canonical: string | null;
  readonly at: string;
};

export type OrderLine = {
  n: number;
  lineId: string | null;
  kind: LineKind;
  productId: string;
  category: string | null;
  attributes: readonly string[];
  quantity: number;
  refundedQuantity: number;
  unitPrice: number;
  fullPrice: boolean;
};

export type StoredOrder = {
  orderId: string;
  memberId: string | null;
  brand: string | null;
  /** Null while only other events about it were heard of. */
  placedAt: string | null;
  channel: string | null;
  store: string | null;
  currency: string | null;
  total: number;
  saved: number;
  /** What of `total` was paid back. */
  refunded: number;
  /** Paid back in all: an edit can make the total less than that. */
  paidBack: number;
  /** Units that came back, also of products that an edit took out. */
  returned: readonly Returned[];
  state: 'placed' | 'cancelled' | 'refunded';
  kind: 'order' | 'booking';
  /** What messages about a booking are about. */
  subject: string | null;
  startsAt: string | null;
  endsAt: string | null;
  paidAt: string | null;
  fulfilledAt: string | null;
  /** The newest edit. */
  changedAt: string | null;
  /** What it earned, and by which terms; null where nobody counts it. */
  earning: Earning | null;
  lines: OrderLine[];
  /** Every event about it, in the order they came: it is what these come to in order of time. */
  told: readonly (readonly [source: string, id: string])[];
};

/** Of one product; with the line or the price, where it was said which one came back. */
export type Returned = readonly [
  productId: string,
  units: number,
  lineId?: string | null,
  unitPrice?: number | null,
];

/** What the terms give for what is kept of a purchase: the programme's, or what a source counted. */
export type Earning = {
  readonly terms: PurchaseTerms;
  readonly points: number;
  readonly qualifying: number;
  /** What the points wait for. */
  readonly until: Until;
  /** When they become active where they wait for a date. */
  readonly windowEnds?: string | null;
  readonly expiresAt: string | null;
  /** What it was counted by with each event that changed it, by `eventKey`: counted once, it is never counted again. */
  readonly counted?: Readonly<Record<string, PurchaseTerms>>;
};
export type PurchaseTerms = Terms | ExternalTerms;

/** What can be told of a purchase. */
export type PurchaseEvent = Extract<LedgerEvent, { type: `order.${string}` | `booking.${string}` }>;
/** An event about a purchase, and the account it was told of; null where nobody of that name was known. */
export type Told = { readonly event: PurchaseEvent; readonly account: string | null };

/** Something done rather than bought. */
export type Engaged = {
  readonly kind: string;
  readonly subject: string | null;
  readonly at: string;
  /** Within the caps. */
  readonly counted: boolean;
  readonly points: number;
};

/** What was counted of a member, in order of time. */
export type History = {
  readonly entries: readonly Entry[];
  /** Purchases that were kept, with what was paid for them, and engagements that counted. */
  readonly counted: readonly (readonly [
    kind: 'purchase' | 'engagement',
    at: number,
    paid: number,
  ])[];
  /** Tiers that were given, in order of time. */
  readonly given: readonly GivenTier[];
};

type GivenTier = {
  readonly tierId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly expiresAt: number | null;
};

/** What only programmes need to know; loaded by src/ledger/standing.ts. */
export type Standing = {
  /** What purchases of this batch had moved before it, and move otherwise now: by member and what it is about. */
  readonly rewritten: Set<string>;
  /** By member. */
  readonly engaged: Map<string, Engaged[]>;
  /** Members who bought something before this batch. */
  readonly buyers: Set<string>;
  /** What was counted of a member before this batch, where a rule of her programme depends on her tier or balance. */
  readonly histories: Map<string, History>;
};

/** What is known before a batch is applied. The plan keeps it up to date from event to event. */
export type Known = {
  /** Every account that the batch is about, with all that are the same member's. */
  readonly members: Map<string, Member>;
  /** Version by `eventKey`. */
  readonly applied: Map<string, { memberId: string | null; ledgerVersion: number }>;
  /** Account by `identityKey`; null once unlinked. */
  readonly identities: Map<string, string | null>;
  readonly orders: Map<string, StoredOrder>;
  /** Those of `orders` that are stored already. */
  readonly storedOrders: ReadonlySet<string>;
  /** What was told of them, in the order it came. */
  readonly told: Map<string, readonly Told[]>;
  /** Movements of points by member and what they are about, in order of time. */
  readonly entries: Map<string, readonly PointsEntry[]>;
  /** When bonuses were granted, by `bonusKey`. */
  readonly granted: Map<string, number>;
  /** By brand and product: what it was from which time (epoch milliseconds) on, in order of time. */
  readonly products: Map<string, readonly ProductVersion[]>;
  readonly standing: Standing;
};

export type ProductVersion = {
  readonly category: string;
  readonly attributes: readonly string[];
  readonly effectiveAt: number;
};

export type PointsEntry = {
  memberId: string;
  ledgerVersion: number;
  n: number;
  kind: EntryKind;
  points: number;
  qualifying: number;
  activeAt: string | null;
  expiresAt: string | null;
  ref: string | null;
  lock: string | null;
  reason: string | null;
  at: string;
  /** When all active points lapse if nothing is earned or spent before. */
  idleAt: string | null;
  /** What is taken back and isn't there any more is written off rather than owed. */
  floors: boolean;
  /** The event it follows from, of those about a purchase; null: the one of its version. */
  source: string | null;
  id: string | null;
};

type OfMember = { memberId: string; ledgerVersion: number; at: string };
export type Coupon = {
  memberId: string;
  code: string;
  offerId: string | null;
  startDate: string | null;
  expiryDate: string | null;
  issuedAt: string | null;
  usedAt: string | null;
  disabledAt: string | null;
};
export type Bonus = {
  memberId: string;
  bonusId: string;
  points: number | null;
  grantedAt: string | null;
  useBy: string | null;
  usedAt: string | null;
};

/** The rows a batch leaves behind. Members, orders and identities are written as `Known` has them in the end. */
export type Writes = {
  readonly events: {
    source: string;
    id: string;
    memberId: string | null;
    type: string;
    at: string;
    ledgerVersion: number;
    /** Other accounts that it changed; null where there are none. */
    also: readonly string[] | null;
    /** Those of them whose ledger version it raised, once for each time; null where there are none. */
    raised: readonly string[] | null;
    /** The event as it was applied; null where it must not be kept. */
    document: LedgerEvent | null;
  }[];
  /** Those of `members` that are new. */
  readonly enrolled: Set<string>;
  readonly members: Set<string>;
  /** Those of `members` that the event at hand changed. */
  readonly touched: Set<string>;
  /** Those whose ledger version the event at hand raised without being about them, once for each time. */
  readonly raised: string[];
  readonly erased: Set<string>;
  readonly identities: Map<string, { kind: string; canonical: string; at: string }>;
  readonly consents: (OfMember & {
    purpose: string;
    granted: boolean;
    source: string;
    proof: string | null;
    basis: string | null;
  })[];
  readonly points: PointsEntry[];
  /** Movements that others take the place of, and the account's version with which they do. */
  readonly replaced: (Pick<PointsEntry, 'memberId' | 'ledgerVersion' | 'n'> & { by: number })[];
  readonly orders: Set<string>;
  /** Those of `orders` whose lines were replaced by others. */
  readonly relined: Set<string>;
  readonly coupons: Coupon[];
  readonly bonuses: Bonus[];
  readonly redemptions: (OfMember & { brand: string; offerId: string; orderId: string | null })[];
  readonly tiers: (OfMember & { tierId: string; expiresAt: string | null; reason: string })[];
  readonly signals: (OfMember & {
    kind: 'location' | 'browsing';
    category: string | null;
    productId: string | null;
    store: string | null;
    channel: string | null;
  })[];
  readonly subjects: { subject: string; at: string }[];
  readonly engaged: (Engaged & { memberId: string; ledgerVersion: number })[];
  readonly claims: { memberId: string; rewardId: string; claimedAt: string }[];
  readonly products: Map<string, { brand: string; product: Product; at: string }>;
  /** Which accounts a member's profile is made of, from which version on or until before which, in order. */
  readonly spans: {
    readonly kind: 'open' | 'close';
    readonly memberId: string;
    readonly account: string;
    readonly version: number;
    readonly at: string;
  }[];
};

export const noWrites = (): Writes => ({
  events: [],
  enrolled: new Set(),
  members: new Set(),
  touched: new Set(),
  raised: [],
  erased: new Set(),
  identities: new Map(),
  consents: [],
  points: [],
  replaced: [],
  orders: new Set(),
  relined: new Set(),
  coupons: [],
  bonuses: [],
  redemptions: [],
  tiers: [],
  signals: [],
  subjects: [],
  engaged: [],
  claims: [],
  products: new Map(),
  spans: [],
});

export const isAboutPurchase = (event: LedgerEvent): event is PurchaseEvent =>
  /^(?:order|booking)\./.test(event.type);
export const idOfPurchase = (event: PurchaseEvent): string =>
  'bookingId' in event ? event.bookingId : event.orderId;
/** The order or booking an event is about. */
export const purchaseIdOf = (event: LedgerEvent): string | undefined =>
  isAboutPurchase(event) ? idOfPurchase(event) : undefined;

// No id may hold a control character, so none can imitate two.
export const eventKey = (source: string, id: string) => `${source}\n${id}`;
export const identityKey = (kind: string, canonical: string) => `${kind}\n${canonical}`;
export const refKey = (memberId: string, ref: string) => `${memberId}\n${ref}`;
export const bonusKey = (memberId: string, bonusId: string) => `${memberId}\n${bonusId}`;
export const productKey = (brand: string, productId: string) => `${brand}\n${productId}`;

/** Where one event is applied: its member at the version it brings about, what is known, what is to be written. */
export type Place = {
  readonly member: Member;
  readonly ledgerVersion: number;
  readonly known: Known;
  readonly writes: Writes;
  readonly brandOf: BrandOf;
};
export type Step<Type extends LedgerEvent['type'] = LedgerEvent['type']> = Place & {
  readonly event: Extract<LedgerEvent, { type: Type }>;
};
