import type { BrandIdentity } from '../../brand/brand.ts';
import type { JsonFile } from '../source/json-file.ts';
import type { SourceProblem } from '../source/problems.ts';

type Colour = keyof BrandIdentity['colours']['light'];

/** What is written on what. */
const pairs: readonly (readonly [text: Colour, ground: Colour])[] = [
  ['text', 'page'],
  ['text', 'surface'],
  ['text', 'raised'],
  ['muted', 'page'],
  ['muted', 'surface'],
  ['muted', 'raised'],
  ['accent', 'page'],
  ['accent', 'surface'],
  ['onAccent', 'accent'],
  ['onHighlight', 'highlight'],
];
const enough = 4.5;

/** Colours of a brand that can't be read on each other, in either scheme. Source: WCAG 2.2, 1.4.3. */
export function contrastProblems(json: JsonFile, { colours }: BrandIdentity): SourceProblem[] {
  return (['light', 'dark'] as const).flatMap((scheme) =>
    pairs.flatMap(([text, ground]) => {
      const ratio = contrast(colours[scheme][text], colours[scheme][ground]);
      if (ratio >= enough) return [];
      const path = ['colours', scheme, text];
      const message = `has a contrast of ${ratio.toFixed(2)} on ${ground}; ${enough} is the least that can be read`;
      return [{ file: json.file, line: json.lineOf(path), path: path.join('.'), message }];
    }),
  );
}

export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
