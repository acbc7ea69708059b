/** Milliseconds for which the keys that were read are taken for all there are. */
const freshMs = 1_000;
/** More addresses than this are forgotten, so that nobody can fill the memory. */
const most = 10_000;

/**
 * Who has had their share of requests without a valid key. To look a key up costs a query: for them, that is done only where the
 * key is one of those there are, which are read at most once a second for all strangers together. So they cost nothing, and who
 * comes from the same address with a good key is let in.
 */
export function openStrangers(
  readKeyHashes: () => Promise<ReadonlySet<string>>,
  clock: () => number = () => performance.now(),
) {
  const until = new Map<string, number>();
  let hashes: Promise<ReadonlySet<string>> | undefined;
  let readAt = 0;
  const known = () => {
    if (!hashes || clock() - readAt > freshMs) {
      readAt = clock();
      hashes = readKeyHashes();
      // Asked again by the next, where that failed.
      hashes.catch(() => (hashes = undefined));
    }
    return hashes;
  };
  return {
    /** Seconds to wait for whoever presents a key of this hash from there; 0: it is to be looked up. */
    wait: async (address: string, keyHash: string): Promise<number> => {
      const left = (until.get(address) ?? 0) - clock();
      if (left <= 0) return 0;
      return (await known()).has(keyHash) ? 0 : Math.ceil(left / 1_000);
    },
    /** This address has had its share, until so many seconds have passed. */
    spend: (address: string, seconds: number) => {
      if (until.size >= most) until.clear();
      until.set(address, clock() + seconds * 1_000);
    },
  };
}
