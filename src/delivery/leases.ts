/** Keeps the claims of this process alive, and knows without asking whether one is surely still ours. */
export type Leases = {
  /** @param askedAt `performance.now()` before the claim was asked for: the lease is at least as long from then. */
  readonly hold: (token: string, askedAt: number) => void;
  readonly holds: (token: string) => boolean;
  readonly letGo: (token: string) => void;
  readonly size: () => number;
  readonly close: () => Promise<void>;
};

/**
 * Renews all leases three times in their duration. A lease that can't be renewed (Postgres is away, the process was
 * stopped) runs out here before it does there, so that nobody hands over what another may have taken up.
 *
 * @param renew asks Postgres; answers with the tokens that are still ours.
 */
export function openLeases(
  renew: (tokens: readonly string[]) => Promise<ReadonlySet<string>>,
  leaseMs: number,
  onError: (error: unknown) => void,
): Leases {
  const until = new Map<string, number>();
  const marginMs = leaseMs / 5;
  let renewing: Promise<void> = Promise.resolve();

  const renewAll = async () => {
    const tokens = [...until.keys()];
    if (tokens.length === 0) return;
    const askedAt = performance.now();
    try {
      const ours = await renew(tokens);
      for (const token of tokens) {
        // Let go of meanwhile: leave it gone.
        if (until.has(token)) until.set(token, ours.has(token) ? askedAt + leaseMs - marginMs : 0);
      }
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => {
    renewing = renewing.then(renewAll);
  }, leaseMs / 3);

  return {
    hold: (token, askedAt) => void until.set(token, askedAt + leaseMs - marginMs),
    holds: (token) => (until.get(token) ?? 0) > performance.now(),
    letGo: (token) => void until.delete(token),
    size: () => until.size,
    close: async () => {
      clearInterval(timer);
      await renewing;
    },
  };
}
