/** How one profile source answered: stored with the decision, so nothing in here is anyone's data. */
export type SourceReport<Field extends string = string> = {
  readonly source: string;
  /**
   * `stale`: it told, or had told earlier, what is too old for figures. `down`: no answer in time. `garbage`: an answer
   * that can't be hers or can't be read. `skipped`: there was nothing to ask it by.
   */
  readonly state: 'ok' | 'stale' | 'down' | 'garbage' | 'skipped';
  /** What is behind a state other than `ok`; or that it knows nothing of her. */
  readonly why?: string;
  /** When what it told was true, by its own account, else when it answered; null where it told nothing. */
  readonly asOf: string | null;
  /** Fields of the profile that were taken from it; none are listed for the ledger, which has all the others. */
  readonly fields: readonly Field[];
  /** Fields it told wrongly, which count as not told. */
  readonly problems?: readonly { readonly field: Field; readonly message: string }[];
};

/** Where a profile made from several sources comes from. Absent where the ledger alone is asked. */
export type Composition<Field extends string = string> = {
  /** The ledger first, then as in the brand's `sources.json`. */
  readonly sources: readonly SourceReport<Field>[];
  /** By field: the source its value comes from, and when that was true. */
  readonly fields: ReadonlyMap<Field, { readonly source: string; readonly asOf: string }>;
  /**
   * What no source could tell. Reading one throws `NotKnown`, but for her name, language, time zone and store, which are
   * left neutral.
   */
  readonly unknown: readonly Field[];
  /** True where a source failed, so that trying again later may help. */
  readonly failing: boolean;
  /** A source without which, by its settings, the message waits; null where it need not. */
  readonly waitsFor: string | null;
};
