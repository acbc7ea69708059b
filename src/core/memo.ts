/**
 * Remembers what a pure function answered. Prices, dates of offers and the like are the same in many mails; when `most`
 * answers are kept all are forgotten, so that memory stays bounded whatever the values are.
 * −0 and 0 are one key: an `answer` that would tell them apart adds 0.
 */
export function memo<Key, Value>(answer: (key: Key) => Value, most = 5_000): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = answer(key);
    if (known.size >= most) known.clear();
    known.set(key, made);
    return made;
  };
}

export type KeptValues<Value> = {
  readonly get: (key: string, make: () => Promise<Value>) => Promise<Value>;
  readonly forget: (which: (key: string) => boolean) => void;
};

/**
 * Values by key, each made once, however many ask at the same time. What failed is made again for the next one who asks.
 * @param most so many are kept, those asked for last
 */
export function keptValues<Value>(most = Infinity): KeptValues<Value> {
  const values = new Map<string, Promise<Value>>();
  return {
    get: (key, make) => {
      const found = values.get(key);
      if (found) {
        if (most < Infinity) {
          values.delete(key);
          values.set(key, found);
        }
        return found;
      }
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
