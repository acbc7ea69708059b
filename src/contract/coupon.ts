/** What there is of an offer's pool for one member. */
export type CouponOfPool =
  /** The member has this code: from an earlier mail, or reserved for this one. */
  | { readonly kind: 'code'; readonly code: string }
  /** One can be reserved. */
  | { readonly kind: 'available' }
  | { readonly kind: 'none'; readonly why: 'empty' | 'used' };

/** By offer. */
export type Coupons = ReadonlyMap<string, CouponOfPool>;

/** What previews show instead of a code: looking takes none out of the pool. */
export const previewCode = 'PREVIEW';
