import type { SourceReport } from './composition.ts';
import type { Fact } from './fact-text.ts';
import type { Reason } from './reasons.ts';

/** What would turn the outcome: in words, and, where one profile or context field decides, as a change to try. */
export type Flip = {
  readonly text: string;
  /** Profile paths to new values, e.g. `{ "activePoints": 500 }`; absent where no single field decides. */
  readonly set?: { readonly [path: string]: Fact };
};

/** What a rule looked at. `actual` and `needed` are comparable: 40 against 500. */
export type Finding = {
  readonly actual: Fact;
  readonly needed: Fact;
  readonly flip?: Flip;
  /** The reason as a sentence, where it is one of a project's own: "Not offered on Sundays." */
  readonly says?: string;
};

/** One rule's answer about one thing. Every rule that was asked leaves a step, also when it passes. */
export type Step = {
  readonly rule: string;
  readonly version: number;
} & (
  | ({ readonly outcome: 'pass' } & Partial<Finding>)
  | ({ readonly outcome: 'hide' | 'suppress'; readonly reason: Reason } & Finding)
  | ({ readonly outcome: 'hold'; readonly reason: Reason; readonly until: Date } & Finding)
);

export type OfferDecision = {
  readonly offerId: string;
  /** 1 is first; null when hidden. */
  readonly rank: number | null;
  /** Affinity used for ranking, 0–1, and why this place. */
  readonly affinity: number;
  readonly because: string;
  readonly steps: readonly Step[];
} & (
  | { readonly kind: 'show' }
  | { readonly kind: 'hide'; readonly reason: Reason; readonly rule: string }
);

export type BlockDecision = {
  readonly block: string;
  readonly content: 'service' | 'loyalty' | 'promotional';
  readonly steps: readonly Step[];
} & (
  | { readonly kind: 'show' }
  | { readonly kind: 'hide'; readonly reason: Reason; readonly rule: string }
);

/** What becomes of a message, whole: stored as it is, shown by `explain`, the API and the preview. */
export type Decision = {
  readonly steps: readonly Step[];
  readonly blocks: readonly BlockDecision[];
  readonly offers: readonly OfferDecision[];
  /** What the decision was made from. */
  readonly basis: {
    readonly at: string;
    readonly profile: 'member' | 'guest' | 'erased';
    /** Whose profile it was: the member an account was merged into. Absent in decisions of earlier versions. */
    readonly memberId?: string | null;
    /** What the mail says of her, so that a wrong profile's mails can be listed with what they claimed. */
    readonly said?: {
      readonly firstName: string | null;
      readonly tier: string | null;
      readonly activePoints: number | null;
      /**
       * What each block says of her, by its name: figures, names and instants as its looks are given them, without what is
       * null. Of offers which, and until when. Absent in decisions of earlier versions.
       */
      readonly blocks?: Readonly<Record<string, Fact>>;
    };
    readonly ledgerVersion: number | null;
    readonly profileAsOf: string | null;
    /** How each profile source answered, in a brand that has several. */
    readonly sources?: readonly SourceReport[];
    /** Fields of the profile that no source could tell. */
    readonly unknown?: readonly string[];
    readonly catalogueVersion: string;
    readonly programmeVersion: string;
    readonly templateVersion: string;
    /** Of a published version: the template's code that is another than it was made for. Absent where all is the same. */
    readonly otherCode?: readonly string[];
    readonly locale: string;
  };
} & (
  | { readonly kind: 'send'; readonly reason: 'allowed' }
  | { readonly kind: 'suppress'; readonly reason: Reason; readonly rule: string }
  | { readonly kind: 'hold'; readonly reason: Reason; readonly rule: string; readonly until: Date }
);
