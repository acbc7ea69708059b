/** When failures are taken to be the flow's and not a message's. */
export type CircuitLimits = {
  /** Failures at least; 0: never. */
  readonly failures: number;
  /** Of the attempts looked at, 0 to 1. */
  readonly share: number;
};

/** Attempts looked at: the last so many, if they aren't older. */
const lastAttempts = 50;
const windowMs = 300_000;

/** Remembers how the last attempts at a flow ended. */
export type Circuit = {
  /**
   * @param at milliseconds on any one clock
   * @returns the messages whose failures say that the flow itself fails; null while it doesn't
   */
  readonly record: (id: string, failed: boolean, at: number) => readonly string[] | null;
  /** Messages that failed among the attempts looked at. */
  readonly failures: () => readonly string[];
  /** Of the attempts looked at: how many there were, and how many failed. */
  readonly figures: () => { readonly attempts: number; readonly failed: number };
  readonly forget: () => void;
};

export function circuit({ failures, share }: CircuitLimits): Circuit {
  let attempts: { readonly id: string; readonly failed: boolean; readonly at: number }[] = [];
  const failedIds = () => [...new Set(attempts.flatMap(({ id, failed }) => (failed ? [id] : [])))];
  return {
    record: (id, failed, at) => {
      attempts = [...attempts.slice(1 - lastAttempts), { id, failed, at }].filter(
        (one) => at - one.at <= windowMs,
      );
      if (!failed || failures === 0) return null;
      // One message that fails time and again is its own affair.
      const failedOnes = failedIds();
      const failedAttempts = attempts.filter((one) => one.failed).length;
      return failedOnes.length >= failures && failedAttempts / attempts.length >= share
        ? failedOnes
        : null;
    },
    failures: failedIds,
    figures: () => ({
      attempts: attempts.length,
      failed: attempts.filter(({ failed }) => failed).length,
    }),
    forget: () => {
      attempts = [];
    },
  };
}
