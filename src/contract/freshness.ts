/** How old the facts a block shows may be, and what becomes of it when they are older. */
export type Freshness = {
  readonly maxAgeMs: number;
  /** Left out; shown with the time its facts are from; or the whole message waits for newer ones. */
  readonly older: 'omit' | 'dated' | 'hold';
};
