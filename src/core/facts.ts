import type { Brand } from './brand.ts';
import type { Catalogue, Offer } from './catalogue.ts';
import type { Message } from './message.ts';
import type { Order } from './order.ts';
import type { Profile, ProfileReading } from './profile.ts';
import type { Template } from './template.ts';

/** Why an address may not be mailed. */
export type Suppression = {
  readonly reason: 'hard-bounce' | 'complaint' | 'unsubscribe' | 'erased' | 'manual';
  readonly at: Date;
  /** `all` stops every mail, `commercial` what needs consent. */
  readonly scope: 'all' | 'commercial';
};

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
  readonly suppression: Suppression | null;
  /** Those of the message's subjects that were cancelled, and when. */
  readonly cancelled: ReadonlyMap<string, Date>;
  readonly brand: Brand;
  readonly catalogue: Catalogue;
  /** Offers that passed every rule, best first. Empty until offers were decided. */
  readonly offers: readonly RankedOffer[];
  readonly locale: string;
  readonly now: Date;
};

export type RankedOffer = {
  readonly offer: Offer;
  readonly affinity: number;
  readonly because: string;
};
