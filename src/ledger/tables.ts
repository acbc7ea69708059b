import type { LineKind, Until } from '../brand/accrual.ts';
import type { Product } from '../brand/catalogue.ts';
import type { MailFrequency, Profile } from '../contract/profile.ts';
import {
  bigint,
  boolean,
  defineTable,
  integer,
  isoText,
  isoTime,
  jsonb,
  millisTime,
  nullable,
  type Row,
  smallint,
  text,
  textArray,
} from '../postgres/table.ts';
import type { LedgerEvent } from './events.ts';
import type { ExternalTerms } from './points/external-points.ts';
import type { EntryKind } from './points/points.ts';
import type { Terms } from './programme/earning.ts';

/* The ledger's tables. Times are text in UTC, as events have them; amounts are in minor units. */

const ofMember = { memberId: text(), ledgerVersion: bigint() };

/** An open dispute, in the list of both accounts it is about; with an identity where it is about that. */
export type Dispute = {
  readonly with: string;
  readonly kind: string | null;
  readonly canonical: string | null;
  readonly at: string;
};

export const members = defineTable('members', {
  memberId: text(),
  brand: text(),
  membershipNumber: text(),
  /** `unregistered`: the account of an identity, which nobody has registered. */
  status: text<Profile['memberStatus'] | 'unregistered'>(),
  enrolledAt: isoTime(),
  email: nullable(text()),
  firstName: nullable(text()),
  lastName: nullable(text()),
  locale: nullable(text()),
  timeZone: nullable(text()),
  birthday: nullable(text()),
  mailFrequency: nullable(text<MailFrequency>()),
  preferences: nullable(jsonb<Profile['preferences']>()),
  /** Epoch milliseconds by field. */
  fieldTimes: jsonb<Record<string, number>>(),
  ledgerVersion: bigint(),
  asOf: millisTime(),
  /** The account this one was merged into: see identity/accounts.ts. */
  mergedInto: nullable(text()),
  disputes: jsonb<readonly Dispute[]>(),
});
export type Member = Row<typeof members>;

export const events = defineTable('events', {
  source: text(),
  id: text(),
  memberId: nullable(text()),
  type: text(),
  at: isoTime(),
  ledgerVersion: bigint(),
  /** The event as it was applied; null where it must not be kept. */
  document: nullable(jsonb<LedgerEvent>()),
  /** Other accounts that it changed; null where there are none. */
  also: nullable(textArray()),
  /** Those of them whose ledger version it raised, once for each time; null where there are none. */
  raised: nullable(textArray()),
});

export const identities = defineTable('identities', {
  kind: text(),
  canonical: text(),
  memberId: text(),
  linkedAt: isoTime(),
});

export const consents = defineTable('consents', {
  ...ofMember,
  purpose: text(),
  granted: boolean(),
  source: text(),
  proof: nullable(text()),
  basis: nullable(text()),
  at: isoTime(),
});

/** A time that may be `infinity`: it is never reached. */
const endlessTime = nullable({
  ...isoTime(),
  read: (name: string) =>
    `case when isfinite(${name}) is false then 'infinity' else ${isoText(name)} end`,
});

const movement = {
  ...ofMember,
  n: smallint(),
  kind: text<EntryKind>(),
  points: bigint(),
  qualifying: bigint(),
  activeAt: endlessTime,
  expiresAt: nullable(isoTime()),
  ref: nullable(text()),
  lock: nullable(text()),
  reason: nullable(text()),
  at: isoTime(),
  /** When all active points lapse if nothing is earned or spent before. */
  idleAt: nullable(isoTime()),
  /** What is taken back and isn't there any more is written off rather than owed. */
  floors: boolean(),
  /** The event it follows from, of those about a purchase; null: the one of its version. */
  source: nullable(text()),
  id: nullable(text()),
};
export const pointsEntries = defineTable('points_entries', movement);
/** Movements that others took the place of, and the account's version with which they did. */
export const replacedEntries = defineTable('replaced_entries', {
  ...movement,
  replacedBy: bigint(),
});
export type PointsEntry = Row<typeof pointsEntries>;

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
  /**
   * What it was counted by with each event that changed it, by `eventKey`, and a digest of the total and the lines that were
   * counted: counted once it is never counted again, but where something told later says that it was another purchase then.
   */
  readonly counted?: Readonly<Record<string, PurchaseTerms & { readonly goods?: string }>>;
};
export type PurchaseTerms = Terms | ExternalTerms;

export const purchases = defineTable('purchases', {
  orderId: text(),
  memberId: nullable(text()),
  brand: nullable(text()),
  /** Null while only other events about it were heard of. */
  placedAt: nullable(isoTime()),
  channel: nullable(text()),
  store: nullable(text()),
  currency: nullable(text()),
  total: bigint(),
  saved: bigint(),
  /** What of `total` was paid back. */
  refunded: bigint(),
  /** Paid back in all: an edit can make the total less than that. */
  paidBack: bigint(),
  /** Units that came back, also of products that an edit took out. */
  returned: jsonb<readonly Returned[]>(),
  state: text<'placed' | 'cancelled' | 'refunded'>(),
  kind: text<'order' | 'booking'>(),
  /** What messages about a booking are about. */
  subject: nullable(text()),
  startsAt: nullable(isoTime()),
  endsAt: nullable(isoTime()),
  paidAt: nullable(isoTime()),
  fulfilledAt: nullable(isoTime()),
  /** The newest edit. */
  changedAt: nullable(isoTime()),
  /** What it earned, and by which terms; null where nobody counts it. */
  earning: nullable(jsonb<Earning>()),
  /** Every event about it, in the order they came: it is what these come to in order of time. */
  told: jsonb<readonly (readonly [source: string, id: string])[]>(),
});

export const orderLine = {
  n: smallint(),
  lineId: nullable(text()),
  kind: text<LineKind>(),
  productId: text(),
  category: nullable(text()),
  attributes: textArray(),
  quantity: integer(),
  refundedQuantity: integer(),
  unitPrice: bigint(),
  fullPrice: boolean(),
};
export const purchaseLines = defineTable('purchase_lines', {
  memberId: text(),
  orderId: text(),
  ...orderLine,
});
export type OrderLine = Omit<Row<typeof purchaseLines>, 'memberId' | 'orderId'>;
export type StoredOrder = Row<typeof purchases> & { lines: OrderLine[] };

export const coupons = defineTable('coupons', {
  memberId: text(),
  code: text(),
  offerId: nullable(text()),
  startDate: nullable(isoTime()),
  expiryDate: nullable(isoTime()),
  issuedAt: nullable(isoTime()),
  usedAt: nullable(isoTime()),
  disabledAt: nullable(isoTime()),
});
export type Coupon = Row<typeof coupons>;

export const bonuses = defineTable('bonuses', {
  memberId: text(),
  bonusId: text(),
  points: nullable(bigint()),
  grantedAt: nullable(isoTime()),
  useBy: nullable(isoTime()),
  usedAt: nullable(isoTime()),
});
export type Bonus = Row<typeof bonuses>;

export const redemptions = defineTable('redemptions', {
  ...ofMember,
  offerId: text(),
  orderId: nullable(text()),
  at: isoTime(),
});

export const tierChanges = defineTable('tier_changes', {
  ...ofMember,
  tierId: text(),
  at: isoTime(),
  expiresAt: nullable(isoTime()),
  reason: text(),
});

/** Something done rather than bought. */
export const engagements = defineTable('engagements', {
  ...ofMember,
  kind: text(),
  subject: nullable(text()),
  at: isoTime(),
  /** Within the caps. */
  counted: boolean(),
  points: bigint(),
});
export type Engaged = Omit<Row<typeof engagements>, 'memberId' | 'ledgerVersion'>;

export const rewardClaims = defineTable('reward_claims', {
  memberId: text(),
  rewardId: text(),
  claimedAt: isoTime(),
});

export const signals = defineTable('signals', {
  ...ofMember,
  kind: text<'location' | 'browsing'>(),
  category: nullable(text()),
  productId: nullable(text()),
  store: nullable(text()),
  channel: nullable(text()),
  at: isoTime(),
});

export const cancelledSubjects = defineTable('cancelled_subjects', {
  subject: text(),
  cancelledAt: isoTime(),
});

/** Which accounts a member's profile is made of, from which version on and until before which. */
export const profileAccounts = defineTable('profile_accounts', {
  memberId: text(),
  account: text(),
  sinceVersion: bigint(),
  untilVersion: nullable(bigint()),
  since: isoTime(),
  until: nullable(isoTime()),
});

export const productVersions = defineTable('product_versions', {
  brand: text(),
  productId: text(),
  effectiveAt: isoTime(),
  document: jsonb<Product>(),
});

/** Events that triggers listen to, until `src/trigger` has looked at them. */
export const triggerInbox = defineTable('trigger_inbox', {
  brand: text(),
  memberId: text(),
  source: text(),
  id: text(),
  type: text(),
  at: isoTime(),
  document: nullable(jsonb<LedgerEvent>()),
});
