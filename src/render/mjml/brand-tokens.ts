import type { Brand } from '../../brand/brand.ts';
import type { Direction } from '../../brand/direction.ts';
import { asciiEntities } from '../escape.ts';
import { preheaderPadding } from '../preheader-padding.ts';
import type { BrandToken } from './expand.ts';
import { darkModeCss, headingCss } from './mail-head-css.ts';

/** What `[[…]]` stands for in templates of this brand whose text runs this way. */
export function brandTokens(brand: Brand, direction: Direction): BrandToken {
  const [start, end] = direction === 'ltr' ? ['left', 'right'] : ['right', 'left'];
  const tokens = new Map<string, string>([
    ...Object.entries(brand.colours.light),
    ...Object.entries(brand.colours.dark).map(([name, colour]): [string, string] => [
      `dark.${name}`,
      colour,
    ]),
    ['font', brand.font],
    ['headingFont', brand.headingFont],
    ['radius', String(brand.radius)],
    ['barRadius', String(Math.min(brand.radius, 6))],
    ['name', brand.name],
    ['siteUrl', brand.siteUrl.replace(/\/$/, '')],
    ['programme.name', brand.programme.name],
    ['legal.company', brand.legal.company],
    ['legal.address', brand.legal.address],
    ['dir', direction],
    ['start', start],
    ['end', end],
    ['brandCss', `${headingCss(brand, direction)}\n${darkModeCss(brand)}`],
  ]);
  if (brand.logoUrl !== undefined) tokens.set('logoUrl', brand.logoUrl);
  return (name) => tokens.get(name);
}

/** The built-in partial `{{> head}}`. */
export const headPartial = {
  file: 'head.mjml (built in)',
  source: `<mj-title>{{subject}}</mj-title>
<mj-preview>{{#if preheader}}{{preheader}}${asciiEntities(preheaderPadding)}{{/if}}</mj-preview>
<mj-attributes>
<mj-all font-family="[[font]]" />
<mj-section direction="[[dir]]" /><mj-wrapper direction="[[dir]]" /><mj-group direction="[[dir]]" /><mj-column direction="[[dir]]" />
<mj-text align="[[start]]" /><mj-table align="[[start]]" />
</mj-attributes>
<mj-raw>
{{jsonLd linkedData}}
<meta name="x-apple-disable-message-reformatting">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
</mj-raw>
<mj-style>[[brandCss]]</mj-style>
`,
};
