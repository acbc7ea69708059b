import type { z } from 'zod';

import type { Finding } from '../../contract/decision.ts';
import type { Facts } from '../../contract/facts.ts';
import type { Freshness } from '../../contract/freshness.ts';
import type { ProfileField } from '../../contract/profile.ts';
import type { Reason } from '../../contract/reasons.ts';

/** What a block says, or why it is left out. */
export type BlockOutcome<View = unknown> =
  | ({
      readonly kind: 'show';
      readonly view: View;
      /** Offers that its view shows with a code of their pool. */
      readonly coupons?: readonly string[];
    } & Partial<Finding>)
  | ({ readonly kind: 'hide'; readonly reason: Reason } & Finding);

/** A part of a mail that is decided on as a whole. One file each; how it looks is in `templates/blocks/`. */
export type Block<Name extends string = string, View = unknown> = {
  /** Kebab case, e.g. `points-banner`; templates find its view under the camel-case name. */
  readonly name: Name;
  readonly version: number;
  readonly content: 'service' | 'loyalty' | 'promotional';
  /** True: only for a known, active member. */
  readonly membersOnly: boolean;
  /** What it shows that ages, and how old that may be. Matters where the ledger isn't the only profile source. */
  readonly freshness?: Freshness & { readonly shows: readonly ProfileField[] };
  /** True: looks at `offers` or `upcoming`, which are decided only where such a block may be shown. */
  readonly decidesOffers?: true;
  /**
   * What its looks are given: plain values, dates and amounts, their names and no others. React looks have their types from
   * it, and what other looks say is checked against it when they are loaded. Not parsed when mails are made.
   */
  readonly view: z.ZodType<View>;
  /** What of its view a decision keeps as said; all of it where left out. */
  said?(view: NoInfer<View>): unknown;
  readonly decide: (facts: Facts) => BlockOutcome<NoInfer<View>>;
};

/** Keeps the name and the view as they are written; a block file's one export. */
export const defineBlock = <const Name extends string, View>(
  block: Block<Name, View>,
): Block<Name, View> => block;
