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
