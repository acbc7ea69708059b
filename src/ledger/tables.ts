import type { LineKind, Until } from '../brand/accrual.ts';
import type { Product } from '../brand/catalogue.ts';
import type { MailFrequency, Profile } from '../contract/profile.ts';
import { column, defineTable, isoText, nullable, type Row } from '../postgres/table.ts';
import type { LedgerEvent } from './events.ts';
import type { ExternalTerms } from './points/external-points.ts';
import type { EntryKind } from './points/points.ts';
import type { Terms } from './programme/earning.ts';

/* The ledger's tables. Times are text in UTC, as events have them; amounts are in minor units. */

const ofMember = { memberId: column.text(), ledgerVersion: column.bigint() };

/** An open dispute, in the list of both accounts it is about; with an identity where it is about that. */
export type Dispute = {
  readonly with: string;
  readonly kind: string | null;
  readonly canonical: string | null;
  readonly at: string;
};

export const members = defineTable('members', {
  memberId: column.text(),
  brand: column.text(),
  membershipNumber: column.text(),
  /** `unregistered`: the account of an identity, which nobody has registered. */
  status: column.text<Profile['memberStatus'] | 'unregistered'>(),
  enrolledAt: column.isoTime(),
  email: nullable(column.text()),
  firstName: nullable(column.text()),
  lastName: nullable(column.text()),
  locale: nullable(column.text()),
  timeZone: nullable(column.text()),
  birthday: nullable(column.text()),
  mailFrequency: nullable(column.text<MailFrequency>()),
  preferences: nullable(column.jsonb<Profile['preferences']>()),
  /** Epoch milliseconds by field. */
  fieldTimes: column.jsonb<Record<string, number>>(),
  ledgerVersion: column.bigint(),
  asOf: column.millisTime(),
  /** The account this one was merged into: see identity/accounts.ts. */
  mergedInto: nullable(column.text()),
  disputes: column.jsonb<readonly Dispute[]>(),
});
export type Member = Row<typeof members>;

export const events = defineTable('events', {
  source: column.text(),
  id: column.text(),
  memberId: nullable(column.text()),
  type: column.text(),
  at: column.isoTime(),
  ledgerVersion: column.bigint(),
  /** The event as it was applied; null where it must not be kept. */
  document: nullable(column.jsonb<LedgerEvent>()),
  /** Other accounts that it changed; null where there are none. */
  also: nullable(column.textArray()),
  /** Those of them whose ledger version it raised, once for each time; null where there are none. */
  raised: nullable(column.textArray()),
});

export const identities = defineTable('identities', {
  kind: column.text(),
  canonical: column.text(),
  memberId: column.text(),
  linkedAt: column.isoTime(),
});

export const consents = defineTable('consents', {
  ...ofMember,
  purpose: column.text(),
  granted: column.boolean(),
  source: column.text(),
  proof: nullable(column.text()),
  basis: nullable(column.text()),
  at: column.isoTime(),
});

/** A time that may be `infinity`: it is never reached. */
const endlessTime = nullable({
  ...column.isoTime(),
  read: (name: string) =>
    `case when isfinite(${name}) is false then 'infinity' else ${isoText(name)} end`,
});

const movement = {
  ...ofMember,
  n: column.smallint(),
  kind: column.text<EntryKind>(),
  points: column.bigint(),
  qualifying: column.bigint(),
  activeAt: endlessTime,
  expiresAt: nullable(column.isoTime()),
  ref: nullable(column.text()),
  lock: nullable(column.text()),
  reason: nullable(column.text()),
  at: column.isoTime(),
  /** When all active points lapse if nothing is earned or spent before. */
  idleAt: nullable(column.isoTime()),
  /** What is taken back and isn't there any more is written off rather than owed. */
  floors: column.boolean(),
  /** The event it follows from, of those about a purchase; null: the one of its version. */
  source: nullable(column.text()),
  id: nullable(column.text()),
};
export const pointsEntries = defineTable('points_entries', movement);
/** Movements that others took the place of, and the account's version with which they did. */
export const replacedEntries = defineTable('replaced_entries', {
  ...movement,
  replacedBy: column.bigint(),
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
  orderId: column.text(),
  memberId: nullable(column.text()),
  brand: nullable(column.text()),
  /** Null while only other events about it were heard of. */
  placedAt: nullable(column.isoTime()),
  channel: nullable(column.text()),
  store: nullable(column.text()),
  currency: nullable(column.text()),
  total: column.bigint(),
  saved: column.bigint(),
  /** What of `total` was paid back. */
  refunded: column.bigint(),
  /** Paid back in all: an edit can make the total less than that. */
  paidBack: column.bigint(),
  /** Units that came back, also of products that an edit took out. */
  returned: column.jsonb<readonly Returned[]>(),
  state: column.text<'placed' | 'cancelled' | 'refunded'>(),
  kind: column.text<'order' | 'booking'>(),
  /** What messages about a booking are about. */
  subject: nullable(column.text()),
  startsAt: nullable(column.isoTime()),
  endsAt: nullable(column.isoTime()),
  paidAt: nullable(column.isoTime()),
  fulfilledAt: nullable(column.isoTime()),
  /** The newest edit. */
  changedAt: nullable(column.isoTime()),
  /** What it earned, and by which terms; null where nobody counts it. */
  earning: nullable(column.jsonb<Earning>()),
  /** Every event about it, in the order they came: it is what these come to in order of time. */
  told: column.jsonb<readonly (readonly [source: string, id: string])[]>(),
});

export const orderLine = {
  n: column.smallint(),
  lineId: nullable(column.text()),
  kind: column.text<LineKind>(),
  productId: column.text(),
  category: nullable(column.text()),
  attributes: column.textArray(),
  quantity: column.integer(),
  refundedQuantity: column.integer(),
  unitPrice: column.bigint(),
  fullPrice: column.boolean(),
};
export const purchaseLines = defineTable('purchase_lines', {
  memberId: column.text(),
  orderId: column.text(),
  ...orderLine,
});
export type OrderLine = Omit<Row<typeof purchaseLines>, 'memberId' | 'orderId'>;
export type StoredOrder = Row<typeof purchases> & { lines: OrderLine[] };

export const coupons = defineTable('coupons', {
  memberId: column.text(),
  code: column.text(),
  offerId: nullable(column.text()),
  startDate: nullable(column.isoTime()),
  expiryDate: nullable(column.isoTime()),
  issuedAt: nullable(column.isoTime()),
  usedAt: nullable(column.isoTime()),
  disabledAt: nullable(column.isoTime()),
});
export type Coupon = Row<typeof coupons>;

export const bonuses = defineTable('bonuses', {
  memberId: column.text(),
  bonusId: column.text(),
  points: nullable(column.bigint()),
  grantedAt: nullable(column.isoTime()),
  useBy: nullable(column.isoTime()),
  usedAt: nullable(column.isoTime()),
});
export type Bonus = Row<typeof bonuses>;

export const redemptions = defineTable('redemptions', {
  ...ofMember,
  offerId: column.text(),
  orderId: nullable(column.text()),
  at: column.isoTime(),
});

export const tierChanges = defineTable('tier_changes', {
  ...ofMember,
  tierId: column.text(),
  at: column.isoTime(),
  expiresAt: nullable(column.isoTime()),
  reason: column.text(),
});

/** Something done rather than bought. */
export const engagements = defineTable('engagements', {
  ...ofMember,
  kind: column.text(),
  subject: nullable(column.text()),
  at: column.isoTime(),
  /** Within the caps. */
  counted: column.boolean(),
  points: column.bigint(),
});
export type Engaged = Omit<Row<typeof engagements>, 'memberId' | 'ledgerVersion'>;

export const rewardClaims = defineTable('reward_claims', {
  memberId: column.text(),
  rewardId: column.text(),
  claimedAt: column.isoTime(),
});

export const signals = defineTable('signals', {
  ...ofMember,
  kind: column.text<'location' | 'browsing'>(),
  category: nullable(column.text()),
  productId: nullable(column.text()),
  store: nullable(column.text()),
  channel: nullable(column.text()),
  at: column.isoTime(),
});

export const cancelledSubjects = defineTable('cancelled_subjects', {
  subject: column.text(),
  cancelledAt: column.isoTime(),
});

/** Which accounts a member's profile is made of, from which version on and until before which. */
export const profileAccounts = defineTable('profile_accounts', {
  memberId: column.text(),
  account: column.text(),
  sinceVersion: column.bigint(),
  untilVersion: nullable(column.bigint()),
  since: column.isoTime(),
  until: nullable(column.isoTime()),
});

export const productVersions = defineTable('product_versions', {
  brand: column.text(),
  productId: column.text(),
  effectiveAt: column.isoTime(),
  document: column.jsonb<Product>(),
});

/** Events that triggers listen to, until `src/trigger` has looked at them. */
export const triggerInbox = defineTable('trigger_inbox', {
  brand: column.text(),
  memberId: column.text(),
  source: column.text(),
  id: column.text(),
  type: column.text(),
  at: column.isoTime(),
  document: nullable(column.jsonb<LedgerEvent>()),
});
