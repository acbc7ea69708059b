import type { Brand } from '../brand/brand.ts';
import type { Catalogue, Offer } from '../brand/catalogue.ts';
import type { Coupons } from './coupon.ts';
import type { Message } from './message.ts';
import type { Order } from './order.ts';
import type { Profile, ProfileReading } from './profile.ts';
import type { Template } from './template.ts';
import type { Timing } from './timing.ts';

/** Why an address may not be mailed. */
export type Suppression = {
  readonly reason: 'hard-bounce' | 'complaint' | 'unsubscribe' | 'erased' | 'manual';
  readonly at: Date;
  /** `all` stops every mail, `commercial` what needs consent. */
  readonly scope: 'all' | 'commercial';
};

/** What the message must see (its `after`), and whether the ledger had it when the profile was read. */
export type Awaited = {
  /** In words: `event shop 1001`, `ledger version 12`. */
  readonly what: string;
  readonly applied: boolean;
  readonly waitedMs: number;
  readonly waitMs: number;
};

/** True where the message went out without what it waited for: no balance is shown as current then. */
export const isBeingAdded = ({ awaited }: Pick<Facts, 'awaited'>): boolean =>
  awaited !== null && !awaited.applied;

/** Every fact a rule or block may look at, fetched beforehand so that they stay pure. */
export type Facts = {
  readonly message: Message;
  readonly template: Template;
  /** The message's data, as the template's schema gave it. */
  readonly data: Record<string, unknown>;
  readonly order: Order | null;
  readonly reading: ProfileReading;
  /** The member's profile; null for guests. */
  readonly profile: Profile | null;
  /** Null where the message waits for nothing. */
  readonly awaited: Awaited | null;
  /** Null for what nothing of the kind is asked of: transactional mails, previews. */
  readonly timing: Timing | null;
  readonly suppression: Suppression | null;
  /** Those of the message's subjects that were cancelled, and when. */
  readonly cancelled: ReadonlyMap<string, Date>;
  readonly brand: Brand;
  readonly catalogue: Catalogue;
  /** Offers that passed every rule, best first. Empty until offers were decided. */
  readonly offers: readonly RankedOffer[];
  /** Offers that every rule but the one of tiers lets pass, best first. Empty until offers were decided. */
  readonly upcoming: readonly RankedOffer[];
  /** Codes of offers' pools; null where none is taken: PREVIEW is shown. */
  readonly coupons: Coupons | null;
  /** Offers that only the lack of a code keeps from her. Empty until offers were decided. */
  readonly withoutCoupon: readonly string[];
  readonly locale: string;
  /** For a block whose facts come from elsewhere: since when they may have changed, and whether it has to say so. */
  readonly age?: { readonly asOf: Date; readonly dated: boolean };
  readonly now: Date;
};

export type RankedOffer = {
  readonly offer: Offer;
  readonly affinity: number;
  readonly because: string;
  /** The category of hers it is nearest to; null where none is. */
  readonly category: string | null;
};
