import type { CSSProperties } from 'react';

import type { BrandIdentity } from '../../src/brand/brand.ts';
import type { Direction } from '../../src/brand/direction.ts';
import { once } from '../../src/core/once.ts';

/** Styles of one brand by what they are for, in its light colours; classes beside them do the dark ones. */
export type Look = Readonly<
  Record<'h1' | 'h2' | 'h3' | 'text' | 'lead' | 'muted' | 'small' | 'card' | 'box', CSSProperties>
> & { readonly colours: BrandIdentity['colours']['light']; readonly radius: number };

export const lookOf = once(({ colours: { light }, headingFont, radius }: BrandIdentity): Look => {
  const heading = { margin: 0, fontFamily: headingFont, fontWeight: 'bold', color: light.text };
  const plain = { margin: 0, fontSize: 16, lineHeight: '24px', color: light.text };
  return {
    colours: light,
    radius,
    h1: { ...heading, fontSize: 34, lineHeight: '41px' },
    h2: { ...heading, fontSize: 22, lineHeight: '29px' },
    h3: { margin: 0, fontSize: 17, lineHeight: '24px', fontWeight: 'bold', color: light.text },
    text: plain,
    lead: { ...plain, fontSize: 17, lineHeight: '26px', paddingTop: 10 },
    muted: { ...plain, color: light.muted },
    small: { ...plain, fontSize: 14, lineHeight: '20px', color: light.muted },
    card: { backgroundColor: light.surface, borderRadius: radius, padding: '36px 32px' },
    box: { backgroundColor: light.raised, borderRadius: radius, padding: '22px 24px' },
  };
});

/** Where a line starts and ends: mail clients know left and right alone. */
export const sidesOf = (direction: Direction) =>
  direction === 'ltr'
    ? ({ start: 'left', end: 'right', paddingEnd: 'paddingRight' } as const)
    : ({ start: 'right', end: 'left', paddingEnd: 'paddingLeft' } as const);

/** What the brand's dark mode classes leave open, and small screens. Without quotes: React would escape them. */
export const extraCss = once(({ colours: { dark } }: BrandIdentity): string => {
  const member = `{background-color:${dark.raised} !important}`;
  const memberText = `{color:${dark.text} !important}`;
  return [
    'table{border-collapse:separate;border-spacing:0}',
    // Browsers pad cells by a pixel each.
    'td{padding:0}',
    '@media only screen and (max-width:480px){',
    '.edge{padding-left:20px !important;padding-right:20px !important}',
    '.frame{padding-left:8px !important;padding-right:8px !important}',
    '.card{padding:28px 20px !important}',
    '.big{font-size:28px !important;line-height:34px !important}',
    '.huge{font-size:52px !important;line-height:58px !important}',
    '.half{display:block !important;width:auto !important;padding:6px 0 !important}',
    '}',
    '@media (prefers-color-scheme:dark){',
    `.member,.strip${member}`,
    `.strip,.member td,.member p,.member h2,.member h3${memberText}`,
    `.member .huge{color:${dark.highlight} !important}`,
    `.member .track{border-color:${dark.muted} !important}`,
    `.member .track td.highlight{background-color:${dark.highlight} !important}`,
    `.ghost.ghost{border-color:${dark.accent} !important}`,
    `.tear.tear{border-color:${dark.line} !important}`,
    '}',
  ].join('\n');
});
