import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeAll, describe, expect, it } from 'vitest';

import { type LoadedBrand, loadBrands } from '../src/render/brand-files.ts';
import { layersFor, readLocales } from '../src/render/locale-files.ts';
import { type Partials, readPartials } from '../src/render/partials.ts';
import { markupPart, textPart } from '../src/render/parts.ts';
import { spellOut } from '../src/render/pieces.ts';
import type { BlockProps } from '../src/render/template-props.ts';
import { textOfHtml } from '../src/render/text-part.ts';
import { anyShape } from '../src/render/view-shape.ts';
import { type Voice, voiceOf } from '../src/render/voice.ts';
import { KeepingTier } from './blocks/KeepingTier.tsx';
import { PointsStatement } from './blocks/PointsStatement.tsx';
import { Recommendation } from './blocks/Recommendation.tsx';
import { Savings } from './blocks/Savings.tsx';
import { Status } from './blocks/Status.tsx';
import { Tenure } from './blocks/Tenure.tsx';
import { UnlockedReward } from './blocks/UnlockedReward.tsx';
import { UpcomingDeals } from './blocks/UpcomingDeals.tsx';

const at = new Date('2026-12-31T22:59:59Z');
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const offer = { offerId: 'a', title: 'A tasting', body: 'For two', imageUrl: null };
const nothing = {
  activePoints: null,
  pendingPoints: null,
  lockedPoints: null,
  expiring: null,
  earned: null,
};
const earned = { points: 31, kind: 'order' as const, pending: true, from: at };

type Props = Omit<BlockProps<never>, 'block'>;
type Form = { readonly block: unknown; readonly react: (props: Props) => ReactElement };

/** A block's forms: whole, with little to say, and while points are being added. */
const forms = <View>(
  look: (props: BlockProps<View>) => ReactElement,
  views: readonly View[],
): Form[] => views.map((block) => ({ block, react: (props) => look({ ...props, block }) }));

const looks: readonly (readonly [name: string, forms: readonly Form[]])[] = [
  [
    'status',
    forms(
      Status,
      [
        { activePoints: 340, pendingPoints: 49 },
        { activePoints: 340, pendingPoints: 49, earned },
        { activePoints: 340, pendingPoints: 49, earned: { ...earned, from: null } },
        { activePoints: 340, pendingPoints: 0, earned: { ...earned, pending: false } },
        { activePoints: 0, pendingPoints: 49 },
        { activePoints: 0, pendingPoints: 0 },
        { activePoints: null, pendingPoints: null, beingAdded: true },
      ].map((figures) => ({
        tier: 'Green',
        beingAdded: false,
        memberSince: at,
        asOf: at,
        next: null,
        earned: null,
        benefits: [],
        ...figures,
      })),
    ),
  ],
  [
    'tenure',
    forms(Tenure, [
      { memberSince: at, years: 7 },
      { memberSince: at, years: null },
    ]),
  ],
  [
    'savings',
    forms(Savings, [
      {
        total: euros(500),
        years: [
          { year: '2026', saved: euros(300) },
          { year: '2025', saved: euros(200) },
        ],
      },
      { total: euros(300), years: [{ year: '2026', saved: euros(300) }] },
    ]),
  ],
  [
    'points-statement',
    forms(PointsStatement, [
      {
        beingAdded: false,
        activePoints: 340,
        pendingPoints: 49,
        lockedPoints: 10,
        expiring: { points: 60, until: at },
        earned: { ...earned, kind: 'booking' },
      },
      { ...nothing, beingAdded: false, pendingPoints: 49 },
      { ...nothing, beingAdded: true },
    ]),
  ],
  [
    'unlocked-reward',
    forms(UnlockedReward, [
      { name: 'A bag of beans', kind: 'freeProduct', unlockedAt: at },
      { name: 'Something', kind: 'unheardOf', unlockedAt: at },
    ]),
  ],
  [
    'keeping-tier',
    forms(KeepingTier, [
      { tier: 'Gold', until: at, pointsToKeep: 120, below: 'Green' },
      { tier: 'Gold', until: at, pointsToKeep: null, below: null },
    ]),
  ],
  [
    'upcoming-deals',
    forms(UpcomingDeals, [
      { tier: 'Reserve', pointsToGo: 380, items: [offer, { ...offer, offerId: 'b' }] },
      { tier: 'Reserve', pointsToGo: null, items: [offer] },
    ]),
  ],
  [
    'recommendation',
    forms(Recommendation, [
      {
        ...offer,
        url: 'https://www.juniper.example/a',
        code: 'FIRST',
        endsAt: at,
        category: 'coffee',
      },
      {
        ...offer,
        url: 'https://www.juniper.example/a',
        code: null,
        endsAt: at,
        category: 'unheardOf',
      },
    ]),
  ],
];

const root = import.meta.dirname;
let juniper: LoadedBrand;
let partials: Partials;
const voices: Voice[] = [];
beforeAll(async () => {
  const found = (await loadBrands(root)).get('juniper');
  if (!found) throw new Error('no brand juniper');
  juniper = found;
  partials = await readPartials(root);
  const texts = await readLocales(`${root}/blocks`, 'blocks', []);
  for (const locale of juniper.brand.locales) {
    voices.push(
      voiceOf({
        locale,
        formats: locale,
        timeZone: juniper.brand.timeZone,
        brandName: juniper.brand.name,
        programmeName: juniper.brand.programme.name,
        layers: [...layersFor(juniper.locales, locale), ...layersFor(texts, locale)].map(
          (layer) => layer.texts,
        ),
      }),
    );
  }
});

/** React isolates with an element where MJML and text have characters: what is said is the same. */
const spaced = (text: string) =>
  text
    .replace(/[\u061C\u200E\u200F\u2066-\u2069]/g, '')
    .replace(/[\s\u00A0\u202F]+/g, ' ')
    .trim();
/** What an html part says; cells apart from each other. */
const said = (html: string) => spaced(textOfHtml(html.replaceAll('</td>', ' </td>')));
/** Without what an html part and a text part punctuate differently. */
const wordsOf = (text: string) =>
  spaced(text)
    .split(/[\s[\]():;,.·–-]+/)
    .filter(Boolean);

describe.each(looks)('%s', (name, views) => {
  it('says the same in MJML, in React and as text, in every form and language', async () => {
    const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const body = {
      file: 'look.mjml',
      source: `<mjml><mj-head><mj-attributes><mj-all font-family="Arial" /></mj-attributes></mj-head><mj-body>{{> ${name}}}</mj-body></mjml>`,
    };
    const mjml = await markupPart(body, partials, anyShape, juniper, {
      kind: 'mjml',
      direction: 'ltr',
      lenient: false,
    });
    const text = textPart(
      { file: 'look.text.hbs', source: `{{> ${name}}}` },
      partials,
      anyShape,
      juniper,
      'ltr',
    );
    for (const voice of voices) {
      for (const { block, react } of views) {
        const view = {
          brand: juniper.brand,
          locale: voice.locale,
          dir: 'ltr' as const,
          now: at,
          member: null,
          data: {},
          blocks: { [camel]: block },
          links: { unsubscribe: null },
        };
        const head = { subject: '', preheader: '', linkedData: [] };
        const context = { ...view, ...head };
        const made = mjml.forVoice(voice)(context);
        const ofMjml = said(spellOut(made));
        const { messages, format, link } = voice;
        const ofReact = said(
          renderToStaticMarkup(
            react({ ...head, view, t: messages.text, format, link, picture: () => '' }),
          ),
        );
        expect(ofReact).toBe(ofMjml);
        expect(ofReact).not.toMatch(/\b0 |null|undefined|NaN|[{}]/);
        // The text part may punctuate as lists do; it must say each of the same words and figures.
        expect(wordsOf(text.forVoice(voice)(context))).toEqual(
          expect.arrayContaining(wordsOf(ofReact)),
        );
      }
    }
  });
});
