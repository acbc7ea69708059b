/** What would become of some. */
export type Outcome = {
  readonly count: number;
  /** The first few members. */
  readonly examples: readonly string[];
  /** What went wrong with the first. */
  readonly error: string | null;
};

/** What a campaign would do, looked at without sending or storing anything. */
export type Preflight = {
  /** Everybody chosen, by files, by name and by segments. */
  readonly audience: number;
  readonly lookedAt: number;
  readonly willSend: Outcome;
  readonly held: Readonly<Record<string, Outcome>>;
  readonly suppressed: Readonly<Record<string, Outcome>>;
  /** What is broken: a template that fails, a profile that can't be read. */
  readonly errors: Readonly<Record<string, Outcome>>;
  /** Of those it would write to, who gets the small review of a year; null where it counts no figures. */
  readonly tooLittle: Outcome | null;
  /** Of the mails, in bytes. */
  readonly bytes: {
    readonly smallest: number;
    readonly mean: number;
    readonly largest: number;
  } | null;
  /** Of each pool that its mails take codes from: how many they need, going by those looked at, and how many are free. */
  readonly coupons: readonly {
    readonly offerId: string;
    readonly needed: number;
    readonly free: number;
  }[];
  /**
   * To make all mails on one worker, going by those made here, or as long as its pace takes, where that is longer. Handing them
   * over comes on top.
   */
  readonly estimatedSeconds: number;
};
