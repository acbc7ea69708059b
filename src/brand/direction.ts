/** Which way a text runs. */
export type Direction = 'ltr' | 'rtl';

const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The direction of a locale's script, such as `rtl` for `ar-EG`. */
export const directionOf = (locale: string): Direction =>
  rightToLeft.has(locale.split('-')[0] ?? locale) ? 'rtl' : 'ltr';
