export type KeptValues<Value> = {
  readonly get: (key: string, make: () => Promise<Value>) => Promise<Value>;
  readonly forget: (which: (key: string) => boolean) => void;
};

/**
 * Values by key, each made once, however many ask at the same time. What failed is made again for the next one who asks.
 * @param most so many are kept, the newest
 */
export function keptValues<Value>(most = Infinity): KeptValues<Value> {
  const values = new Map<string, Promise<Value>>();
  return {
    get: (key, make) => {
      const found = values.get(key);
      if (found) return found;
      const made = make();
      const [oldest] = values.size >= most ? values.keys() : [];
      if (oldest !== undefined) values.delete(oldest);
      values.set(key, made);
      made.catch(() => values.get(key) === made && values.delete(key));
      return made;
    },
    forget: (which) => {
      for (const key of values.keys()) if (which(key)) values.delete(key);
    },
  };
}
