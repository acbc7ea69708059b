import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { camelCase } from '../src/core/camel-case.ts';
import { blockViews } from '../src/decision/blocks/index.ts';
import { viewShape } from '../src/render/handlebars/view-shape.ts';
import { spellOut } from '../src/render/mime/pre-encoded.ts';
import { type Partials, readPartials } from '../src/render/mjml/partials.ts';
import { markupPart, textPart } from '../src/render/parts.ts';
import type { MailProps } from '../src/render/react/template-props.ts';
import { filesIn } from '../src/render/source/template-files.ts';
import { type LoadedBrand, loadBrands } from '../src/render/voice/brand-files.ts';
import { layersFor, readLocales } from '../src/render/voice/locale-files.ts';
import { type Voice, voiceOf } from '../src/render/voice/voice.ts';
import { blockForms } from '../test/samples/blocks.ts';
import { seenAndLinked } from '../test/seen.ts';
import { Bonus } from './blocks/Bonus.tsx';
import { Entitlements } from './blocks/Entitlements.tsx';
import { KeepingTier } from './blocks/KeepingTier.tsx';
import { Offers } from './blocks/Offers.tsx';
import { PointsBanner } from './blocks/PointsBanner.tsx';
import { PointsStatement } from './blocks/PointsStatement.tsx';
import { Recommendation } from './blocks/Recommendation.tsx';
import { Savings } from './blocks/Savings.tsx';
import { Status } from './blocks/Status.tsx';
import { Tenure } from './blocks/Tenure.tsx';
import { UnlockedReward } from './blocks/UnlockedReward.tsx';
import { UpcomingDeals } from './blocks/UpcomingDeals.tsx';
import { YearInReview } from './blocks/YearInReview.tsx';

const at = new Date('2026-12-31T22:59:59Z');

type Form = {
  readonly form: string;
  readonly block: unknown;
  readonly react: (props: MailProps) => ReactElement;
};

const drawn = <View>(
  look: (props: MailProps & { readonly block: View }) => ReactElement,
  forms: Readonly<Record<string, View>>,
): Form[] =>
  Object.entries(forms).map(([form, block]) => ({
    form,
    block,
    react: (props) => look({ ...props, block }),
  }));

const { whole: _pictured, ...unpictured } = blockForms['year-in-review'];
const looks: readonly (readonly [name: string, forms: readonly Form[]])[] = [
  ['status', drawn(Status, blockForms['status'])],
  ['points-banner', drawn(PointsBanner, blockForms['points-banner'])],
  ['entitlements', drawn(Entitlements, blockForms['entitlements'])],
  ['bonus', drawn(Bonus, blockForms['bonus'])],
  ['offers', drawn(Offers, blockForms['offers'])],
  ['recommendation', drawn(Recommendation, blockForms['recommendation'])],
  ['upcoming-deals', drawn(UpcomingDeals, blockForms['upcoming-deals'])],
  ['points-statement', drawn(PointsStatement, blockForms['points-statement'])],
  ['savings', drawn(Savings, blockForms['savings'])],
  ['tenure', drawn(Tenure, blockForms['tenure'])],
  ['keeping-tier', drawn(KeepingTier, blockForms['keeping-tier'])],
  ['unlocked-reward', drawn(UnlockedReward, blockForms['unlocked-reward'])],
  // React draws the months as a picture with their first letters under it, MJML as bars with their names.
  ['year-in-review', drawn(YearInReview, unpictured)],
];

const root = import.meta.dirname;
let juniper: LoadedBrand;
let partials: Partials;
const voices: Voice[] = [];
beforeAll(async () => {
  const found = (await loadBrands(root)).get('juniper');
  if (!found) throw new Error('no brand juniper');
  juniper = found;
  partials = await readPartials(filesIn(root));
  const texts = await readLocales(filesIn(root), 'blocks', []);
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
/** What an html part says aloud; cells apart from each other. */
const said = (html: string) =>
  spaced(seenAndLinked(html.replace(/<table[^>]*aria-hidden="true".*?<\/table>/gs, '')));
/** Without what an html part and a text part punctuate differently. */
const wordsOf = (text: string) =>
  spaced(text)
    .split(/[\s[\]():;,،.·–✓-]+/)
    .filter(Boolean);

describe.each(looks)('%s', (name, views) => {
  it('says the same in MJML, in React and as text, in every form and language', async () => {
    const camel = camelCase(name);
    const shape = viewShape({ schema: z.strictObject({}), blocks: [name], views: blockViews });
    const body = {
      file: 'look.mjml',
      source: `<mjml><mj-head><mj-attributes><mj-all font-family="Arial" /></mj-attributes></mj-head><mj-body>{{> ${name}}}</mj-body></mjml>`,
    };
    const mjml = await markupPart(body, partials, shape, juniper, {
      kind: 'mjml',
      direction: 'ltr',
      lenient: false,
    });
    const text = await textPart(
      { file: 'look.text.hbs', source: `{{> ${name}}}` },
      partials,
      shape,
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
          links: { unsubscribe: null, preferences: null },
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
