const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters as people count them. */
export const lengthOf = (text: string): number => Array.from(letters.segment(text)).length;
