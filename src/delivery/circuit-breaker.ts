/** When failures are taken to be the flow's and not a message's. */
export type CircuitLimits = {
  /** Failures at least; 0: never. */
  readonly failures: number;
  /** Of the attempts looked at, 0 to 1. */
  readonly share: number;
  /** So many failures with nothing between them that worked are enough, whatever was before; left out: never. */
  readonly inARow?: number;
};

/** Attempts looked at: the last so many, if they aren't older. */
const lastAttempts = 50;
const windowMs = 300_000;

/** Remembers how the last attempts at a flow ended. */
export type Circuit = {
  /**
   * @param how `down`: would have failed whatever the message was; `failed`: may have been this message's own affair
   * @param at milliseconds on any one clock
   * @returns the messages whose failures say that the flow itself fails; null while it doesn't
   */
  readonly record: (
    id: string,
    how: 'worked' | 'failed' | 'down',
    at: number,
  ) => readonly string[] | null;
  /** Messages that failed among the attempts looked at. */
  readonly failures: () => readonly string[];
  /** Of the attempts looked at: how many there were, and how many failed. */
  readonly figures: () => { readonly attempts: number; readonly failed: number };
  readonly forget: () => void;
};

/** One message that fails time and again is its own affair, unless it would have failed whatever it was. */
function countOf(failed: readonly { readonly id: string; readonly how: How }[]): number {
  const own = new Set(failed.flatMap(({ id, how }) => (how === 'failed' ? [id] : [])));
  return own.size + failed.filter(({ how }) => how === 'down').length;
}

type How = Parameters<Circuit['record']>[1];

export function circuit({ failures, share, inARow = Infinity }: CircuitLimits): Circuit {
  let attempts: { readonly id: string; readonly how: How; readonly at: number }[] = [];
  const failedAttempts = () => attempts.filter(({ how }) => how !== 'worked');
  const failedIds = () => [...new Set(failedAttempts().map(({ id }) => id))];
  return {
    record: (id, how, at) => {
      attempts = [...attempts.slice(1 - lastAttempts), { id, how, at }].filter(
        (one) => at - one.at <= windowMs,
      );
      if (how === 'worked' || failures === 0) return null;
      const all = failedAttempts();
      const many = countOf(all) >= failures && all.length / attempts.length >= share;
      const sinceOneWorked = attempts.slice(
        1 + attempts.findLastIndex((one) => one.how === 'worked'),
      );
      return many || countOf(sinceOneWorked) >= inARow ? failedIds() : null;
    },
    failures: failedIds,
    figures: () => ({
      attempts: attempts.length,
      failed: failedAttempts().length,
    }),
    forget: () => {
      attempts = [];
    },
  };
}
