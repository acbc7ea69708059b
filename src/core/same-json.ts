/** Whether two values are the same JSON, its objects' fields in any order. What isn't JSON is the same as nothing. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (typeof one === 'number') return one === other && Number.isFinite(one);
  if (typeof one !== 'object' || one === null)
    return one === other && (one === null || typeof one === 'string' || typeof one === 'boolean');
  if (typeof other !== 'object' || other === null) return false;
  if (Array.isArray(one))
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((value, at) => isSameJson(value, other[at]))
    );
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) =>
        Object.hasOwn(other, name) && isSameJson(Reflect.get(one, name), Reflect.get(other, name)),
    )
  );
}

/** No date, no map: what JSON would write of it is what is in it. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value);
}
