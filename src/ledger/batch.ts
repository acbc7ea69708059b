import type { Brand } from '../brand/brand.ts';
import type { Product } from '../brand/catalogue.ts';
import type { Problem } from '../core/errors.ts';
import type { NewRow } from '../postgres/table.ts';
import type { LedgerEvent } from './events.ts';
import type { Entry } from './points/points.ts';
import type {
  Bonus,
  consents,
  Coupon,
  Engaged,
  engagements,
  events,
  Member,
  PointsEntry,
  redemptions,
  replacedEntries,
  rewardClaims,
  signals,
  StoredOrder,
  tierChanges,
} from './tables.ts';

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

/** What can be told of a purchase. */
export type PurchaseEvent = Extract<LedgerEvent, { type: `order.${string}` | `booking.${string}` }>;
/** An event about a purchase, and the account it was told of; null where nobody of that name was known. */
export type Told = { readonly event: PurchaseEvent; readonly account: string | null };

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

/** The rows a batch leaves behind. Members, orders and identities are written as `Known` has them in the end. */
export type Writes = {
  readonly events: NewRow<typeof events>[];
  /** Those of `members` that are new. */
  readonly enrolled: Set<string>;
  readonly members: Set<string>;
  /** Those of `members` that the event at hand changed. */
  readonly touched: Set<string>;
  /** Those whose ledger version the event at hand raised without being about them, once for each time. */
  readonly raised: string[];
  readonly erased: Set<string>;
  readonly identities: Map<string, { kind: string; canonical: string; at: string }>;
  readonly consents: NewRow<typeof consents>[];
  readonly points: PointsEntry[];
  /** Movements that others take the place of, and the account's version with which they do. */
  readonly replaced: Pick<
    NewRow<typeof replacedEntries>,
    'memberId' | 'ledgerVersion' | 'n' | 'replacedBy'
  >[];
  readonly orders: Set<string>;
  /** Those of `orders` whose lines were replaced by others. */
  readonly relined: Set<string>;
  readonly coupons: Coupon[];
  readonly bonuses: Bonus[];
  readonly redemptions: (NewRow<typeof redemptions> & { brand: string })[];
  readonly tiers: NewRow<typeof tierChanges>[];
  readonly signals: NewRow<typeof signals>[];
  readonly subjects: { subject: string; at: string }[];
  readonly engaged: NewRow<typeof engagements>[];
  readonly claims: NewRow<typeof rewardClaims>[];
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
