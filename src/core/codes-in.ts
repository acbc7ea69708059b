/** Every code there is in what a mail is made of: of offers, coupons, pick-ups. */
export function codesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && key === 'code' && inner.length > 3 ? [inner] : codesIn(inner),
  );
}
