import type { BrandIdentity } from '../../brand/brand.ts';
import type { Direction } from '../../brand/direction.ts';
import { once } from '../../core/once.ts';

const texts = ['', ' div', ' a'];
const grounds = ['', '>table', '>table>tbody>tr>td'];

/** MJML puts a css-class on a wrapper: ground, text and border are one or two elements further in. */
const inner: Readonly<Record<string, readonly string[]>> = {
  page: ['', '>div[role=article]', '>table>tbody>tr>td'],
  surface: grounds,
  raised: grounds,
  text: texts,
  muted: texts,
  'accent-text': texts,
  accent: [...grounds, ' div', ' a'],
  highlight: [...grounds, ' div', ' a'],
  line: ['', ' p', ' td', ' table'],
  // Not the wrapper itself: that is the whole width.
  button: [' td', ' a'],
};

const reach = (name: string) => (inner[name] ?? ['']).map((tail) => `.${name}${tail}`);

/**
 * What the brand's headings look like where a client reads style sheets; elsewhere they are bold. Scripts that join their
 * letters have neither capitals nor room between letters.
 */
export function headingCss({ headings }: Pick<BrandIdentity, 'headings'>, direction: Direction) {
  const { weight, case: letters, spacing } = headings;
  const rules = [`font-weight:${weight} !important`];
  if (direction === 'ltr' && spacing !== '0') rules.push(`letter-spacing:${spacing}`);
  if (direction === 'ltr' && letters === 'upper') rules.push('text-transform:uppercase');
  // A long word breaks rather than making the whole mail wider than the screen.
  return `h1,h2{${rules.join(';')}}\nh1,h2,h3{overflow-wrap:anywhere;hyphens:auto}`;
}

/**
 * Dark mode for the classes templates use beside their light colours. Twice: for clients that honour the media query,
 * and for Outlook's apps, which mark the document instead. Pure ASCII.
 */
export const darkModeCss = once(({ colours: { dark } }: Pick<BrandIdentity, 'colours'>): string => {
  const rules: readonly (readonly [selector: string, css: string])[] = [
    ['page', `background-color:${dark.page} !important;color:${dark.text} !important`],
    ['surface', `background-color:${dark.surface} !important;color:${dark.text} !important`],
    ['raised', `background-color:${dark.raised} !important;color:${dark.text} !important`],
    ['line', `border-color:${dark.line} !important`],
    ['text', `color:${dark.text} !important`],
    ['muted', `color:${dark.muted} !important`],
    ['accent-text', `color:${dark.accent} !important`],
    ['accent', `background-color:${dark.accent} !important;color:${dark.onAccent} !important`],
    [
      'highlight',
      `background-color:${dark.highlight} !important;color:${dark.onHighlight} !important`,
    ],
    ['button', `background-color:${dark.accent} !important;color:${dark.onAccent} !important`],
    ['light-only', 'display:none !important'],
    ['dark-only', 'display:block !important'],
  ];
  const sheet = (prefix: string) =>
    rules
      .map(
        ([name, css]) =>
          `${reach(name)
            .map((selector) => `${prefix}${selector}`)
            .join(',')}{${css}}`,
      )
      .join('\n');
  return [
    ':root{color-scheme:light dark;supported-color-schemes:light dark}',
    `@media (prefers-color-scheme:dark){\n${sheet('')}\n}`,
    sheet('[data-ogsc] '),
  ].join('\n');
});
