import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { BrandIdentity } from '../src/brand/brand.ts';
import { directionOf } from '../src/brand/direction.ts';
import type { Email } from '../src/contract/email.ts';
import { isFor } from '../src/contract/template.ts';
import type { Prepared } from '../src/decision/prepare.ts';
import type { TemplateSet } from '../src/render/load.ts';
import type { LoadedBrands } from '../src/render/voice/brand-files.ts';
import { openLibrary } from '../test/library.ts';
import {
  hasSample,
  type Recipient,
  recipients,
  sampleData,
  sampleMail,
} from '../test/sample-mail.ts';
import { sampleCatalogue } from '../test/samples/offers.ts';
import { type SampleBrand, sampleBrands } from '../test/samples/world.ts';
import { seenAndLinked } from '../test/seen.ts';
import { templates } from './index.ts';

const root = import.meta.dirname;
const locales = ['en', 'de', 'fr', 'ar'] as const;
/** What is left out follows the recipient, not the language: everyone in one of them, some in the others. */
const recipientsIn = (locale: string) => (locale === 'en' ? recipients : recipients.slice(0, 3));

let brands: LoadedBrands;
let set: TemplateSet;
beforeAll(async () => {
  ({ brands, templates: set } = await openLibrary());
});

const mail = (
  template: string,
  brand: SampleBrand,
  locale: string,
  recipient?: Recipient,
  data?: Record<string, unknown>,
): Prepared =>
  sampleMail(
    { set, brands },
    { template, brand, locale, ...(recipient && { recipient }), ...(data && { data }) },
  );

function sent(...args: Parameters<typeof mail>): Email {
  const { email, decision } = mail(...args);
  if (!email) throw new Error(`not sent: ${decision.reason}`);
  return email;
}

/** Tags that are opened and not closed, or closed and not open. Conditional comments are Outlook's. */
function unbalanced(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const visible = html.replace(/<!--[\s\S]*?-->/g, '').replace(/<!doctype[^>]*>/i, '');
  for (const [tag, slash, name = ''] of visible.matchAll(
    /<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^"'>]|"[^"]*"|'[^']*')*>/g,
  )) {
    if (/^(img|br|hr|meta|link|input|col)$/i.test(name)) continue;
    if (slash !== '/') open.push(name.toLowerCase());
    else if (open.pop() !== name.toLowerCase()) wrong.push(tag);
  }
  return [...wrong, ...open];
}

/** What a mail says to machines: it runs nothing. */
const linkedData = /<script type="application\/ld\+json">(.*?)<\/script>/g;

/** Templates a brand has. */
const of = (id: SampleBrand) => {
  const identity: unknown = JSON.parse(
    readFileSync(join(root, 'brands', id, 'brand.json'), 'utf8'),
  );
  const { trades } = BrandIdentity.parse(identity);
  return templates.filter((template) => isFor(template, { trades }) && hasSample(template));
};

const cases = sampleBrands.flatMap((brand) =>
  of(brand).flatMap(({ name }) => locales.map((locale) => [name, brand, locale] as const)),
);

/** Why a mail isn't sent, by what its template says of itself. */
function reasonFor(name: string, recipient: Recipient): string {
  const { class: kind, for: whom, needs } = set.definition(name);
  if (kind === 'commercial' && (recipient === 'guest' || recipient === 'no-consent'))
    return 'no-marketing-consent';
  if (whom !== 'anybody' && recipient === 'guest') return 'not-a-member';
  if (recipient === 'suspended' && (kind === 'commercial' || whom === 'member-in-good-standing'))
    return 'member-not-active';
  return needs && recipient === 'no-offers' ? 'nothing-to-show' : 'allowed';
}

describe.each(cases)('%s for %s in %s', (name, brand, locale) => {
  it.each(recipientsIn(locale))('is a whole mail for: %s', (recipient) => {
    const { email, decision } = mail(name, brand, locale, recipient);
    const commercial = set.definition(name).class === 'commercial';
    const reason = reasonFor(name, recipient);
    expect(decision.reason).toBe(reason);
    expect(email === undefined).toBe(reason !== 'allowed');
    if (!email) return;
    const { subject, preheader, html, text } = email;
    for (const part of [subject, preheader, html, text]) {
      expect(part.trim()).not.toBe('');
      expect(part).not.toMatch(/undefined|NaN|\[object|\{\{|\}\}|\[\[|\]\]|\bnull\b/);
    }
    // Single braces are an ICU message nobody formatted; in html they are css.
    expect(subject + preheader + text).not.toMatch(/[{}]/);
    expect(unbalanced(html)).toEqual([]);
    expect(html.replace(linkedData, '')).not.toMatch(/<script|javascript:/i);
    expect(html).toMatch(new RegExp(`<html[^>]* lang="${locale}"`));
    expect(html).toMatch(new RegExp(`<html[^>]* dir="${directionOf(locale)}"`));
    expect(html).toMatch(/<h1\b/);
    for (const [image] of html.matchAll(/<img\b[^>]*>/g)) expect(image).toMatch(/\balt="/);
    for (const [table] of html.matchAll(/<table\b[^>]*>/g))
      expect(table).toMatch(/role="presentation"/);
    expect(Buffer.byteLength(html)).toBeLessThan(60 * 1024);
    const promotes = decision.blocks.some(
      (one) => one.kind === 'show' && one.content === 'promotional',
    );
    for (const part of [html, text])
      expect(part.includes(`https://mail.${brand}.example/u/abc`)).toBe(commercial || promotes);
  });

  it('is written in that language', () => {
    const other = sent(name, brand, locale === 'en' ? 'de' : 'en');
    const { subject, preheader, text } = sent(name, brand, locale);
    expect(subject).not.toBe(other.subject);
    expect(preheader).not.toBe(other.preheader);
    expect(text).not.toBe(other.text);
  });

  it('promises nothing in what a mail list shows of a transactional mail', () => {
    if (set.definition(name).class === 'commercial') return;
    const { subject, preheader } = sent(name, brand, locale);
    expect(subject + preheader).not.toMatch(/offer|free|save|%|angebot|gratis|sparen/i);
  });
});

it.each(sampleBrands)(
  'says nothing of offers, nor of anything else that sells, without consent: %s',
  (brand) => {
    const { offers } = sampleCatalogue(brand);
    let looked = 0;
    for (const { name } of of(brand)) {
      const { email } = mail(name, brand, 'en', 'no-consent');
      if (!email) continue;
      for (const { title, url } of offers) {
        expect(email.html + email.text).not.toContain(title['en']);
        expect(email.html + email.text).not.toContain(url);
        looked += 1;
      }
    }
    expect(looked).toBeGreaterThan(10);
  },
);

it.each(sampleBrands)('says nothing of points or tiers to a guest: %s', (brand) => {
  const all = of(brand).filter(({ for: whom }) => whom === 'anybody');
  expect(all.length).toBeGreaterThan(0);
  for (const { name } of all) {
    const { html, text } = sent(name, brand, 'en', 'guest');
    expect(html.replace(/<style[\s\S]*?<\/style>/g, '') + text).not.toMatch(
      /12,400|340 stars|Gold|Member since/,
    );
  }
});

const pictures = (html: string) =>
  [...html.matchAll(/<img [^>]*src="([^"]*)"/g)].map(([, url]) => url);

describe('order confirmation', () => {
  it('has the essentials in its text part', () => {
    const { text } = sent('order-confirmation', 'juniper', 'en');
    expect(text).toContain('Order J-20417');
    expect(text).toContain('- 2 × Oat latte (Large, one extra shot): €9.60');
    expect(text).toMatch(/^Total, still to pay: +€24\.50$/m);
    expect(text).toContain('Rosenthaler Platz');
    expect(text).toContain('You have 340 stars to use toward this order');
  });

  it('speaks of pickup, delivery or shipping as it is (S5)', () => {
    const data = sampleData('order-confirmation', 'juniper');
    const to = (fulfilment: object) =>
      sent('order-confirmation', 'juniper', 'en', 'member', { ...data, fulfilment }).text;
    expect(to({ kind: 'pickup', store: 'Rosenthaler Platz' })).toContain('Pick up at');
    expect(to({ kind: 'delivery', address: 'Auguststr. 1' })).toContain(
      'Delivered to: Auguststr. 1',
    );
    expect(to({ kind: 'shipping', address: 'Auguststr. 1' })).toContain('Shipped to: Auguststr. 1');
  });

  it('shows pictures only where the order has some', () => {
    const data = sampleData('order-confirmation', 'juniper');
    const sign = 'https://www.juniper.example/pictures/mark.png';
    const plain = { productId: 'flat-white', name: 'Flat white', quantity: 1, unitPrice: 390 };
    const without = sent('order-confirmation', 'juniper', 'en', 'member', {
      ...data,
      items: [plain],
    });
    expect(pictures(without.html)).toEqual([sign]);
    const item = {
      ...plain,
      name: 'Flat "white" <b>',
      imageUrl: 'https://img.juniper.example/flat-white.jpg',
    };
    const { html } = sent('order-confirmation', 'juniper', 'en', 'member', {
      ...data,
      items: [item],
    });
    expect(pictures(html)).toEqual([sign, 'https://img.juniper.example/flat-white.jpg']);
    expect(html).toContain('alt="Flat &quot;white&quot; &lt;b&gt;"');
  });

  it('stays below what Gmail cuts off with as many items as it takes', () => {
    const data = sampleData('order-confirmation', 'juniper');
    const items = Array.from({ length: 100 }, (_, index) => ({
      productId: `p-${index}`,
      name: `A product with a rather long name, number ${index}`,
      quantity: 2,
      unitPrice: 390,
      listPrice: 450,
      note: 'Large, one extra shot',
    }));
    const { html } = sent('order-confirmation', 'juniper', 'de', 'member', { ...data, items });
    expect(Buffer.byteLength(html)).toBeLessThan(102 * 1024);
  });

  it.each([
    [{ totals: { subtotal: 2500, total: '24.50' } }, ['totals', 'total']],
    [{ items: [] }, ['items']],
    [{ orderedAt: '12.5.2026' }, ['orderedAt']],
    [{ trackUrl: 'javascript:alert(1)' }, ['trackUrl']],
    [{ fulfillment: { kind: 'pickup' } }, []],
    [{ payable: 24.5 }, ['payable']],
  ])('names the field of a wrong payload: %j', (wrong, path) => {
    const data = { ...sampleData('order-confirmation', 'juniper'), ...wrong };
    const parsed = set.definition('order-confirmation').schema.safeParse(data);
    expect(parsed.error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });

  it('gives the same data when what it gave is checked again', () => {
    const all = templates.filter(hasSample);
    expect(all.length).toBeGreaterThan(15);
    for (const { name, schema } of all) {
      const once = schema.parse(sampleData(name, 'kestrel'));
      expect(schema.parse(once)).toEqual(once);
    }
  });
});

/** What a mail says to machines, read as they would. */
const saidToMachines = (html: string): unknown =>
  JSON.parse([...html.matchAll(linkedData)][0]?.[1] ?? 'null');

describe('what mail clients read', () => {
  it('is the order as the mail shows it, in MJML', () => {
    const { html } = sent('order-confirmation', 'juniper', 'en');
    expect(saidToMachines(html)).toMatchObject({
      '@type': 'Order',
      orderNumber: 'J-20417',
      merchant: { name: 'Juniper Coffee' },
      price: '24.50',
      priceCurrency: 'EUR',
      acceptedOffer: [{ itemOffered: { name: 'Oat latte' } }, {}, {}],
    });
  });

  it('is each flight with the airports’ own times, in React', () => {
    const { html } = sent('flight-booking', 'kestrel', 'en');
    expect(saidToMachines(html)).toMatchObject([
      {
        reservationNumber: 'K7PQ2M',
        reservationFor: {
          departureAirport: { iataCode: 'HAM' },
          departureTime: '2026-12-18T07:25:00',
          arrivalTime: '2026-12-18T09:55:00',
        },
      },
      {},
    ]);
  });
});

describe('on its way to her', () => {
  it('says of each parcel how to follow it, and what is still to come', () => {
    const { subject, text, html } = sent('shipped', 'juniper', 'en');
    expect(subject).toBe('Order J-20388 is on its way, in 2 parcels');
    expect(text).toContain('Tracking number: NP204118820DE');
    expect(text).toContain('https://radkurier.example/t/77-10');
    expect(text).toMatch(/Still to come[\s\S]*Pour-over kettle/);
    expect(saidToMachines(html)).toMatchObject([
      {
        '@type': 'ParcelDelivery',
        partOfOrder: { orderNumber: 'J-20388' },
        trackingNumber: 'NP204118820DE',
        expectedArrivalUntil: '2026-11-23',
      },
      { carrier: { name: 'Radkurier Mitte' } },
    ]);
  });

  it('tells machines nothing it was not told: no tracking number, no carrier, no day', () => {
    const data = { ...sampleData('shipped', 'kestrel'), parcels: [{ items: [] }] };
    const { html, text } = sent('shipped', 'kestrel', 'en', 'member', data);
    expect(saidToMachines(html)).toEqual({
      '@context': 'https://schema.org',
      '@type': 'ParcelDelivery',
      partOfOrder: expect.objectContaining({ orderNumber: 'KX-88291' }),
    });
    expect(text).not.toMatch(/Tracking|Expected|Follow/);
  });

  it('S5: an order to pick up says where, until when and what opens the door', () => {
    const { text } = sent('ready-for-pickup', 'juniper', 'en');
    expect(text).toContain('Your pick-up code: ANA 417');
    expect(text).toMatch(/Monday – Friday 6:30.AM – 7:00.PM/);
    expect(text).toContain('We keep it until: November 20, 2026 at 10:00');
  });
});

describe('a cancellation', () => {
  it('says what comes back, in money and in points', () => {
    const { subject, text } = sent('order-cancelled', 'juniper', 'en');
    expect(subject).toBe('Part of order J-20376 is refunded');
    expect(text).toContain('Refund: €64.00');
    expect(text).toContain('Returned to your account: 100 stars');
    expect(text).toContain('Taken off your account: 128 stars');
  });

  it('speaks of no money and no points where nothing is known of them', () => {
    const data = { orderId: 'A-1', what: 'cancelledWhole', at: '2026-11-20T08:00:00Z' };
    const { text } = sent('order-cancelled', 'juniper', 'en', 'guest', data);
    expect(text).not.toMatch(/€|Returned|Taken|back|star/);
  });

  it('is not about the order, or cancelling the order would stop it (S12)', () => {
    const cancelled = set.definition('order-cancelled');
    expect(cancelled.about?.(sampleData('order-cancelled', 'juniper'))).toEqual([
      'cancellation:J-20376',
    ]);
  });
});

it('asks a stranger for nothing but a click: no name, no status, never twice', () => {
  const { html, text } = sent('address-confirmation', 'juniper', 'en');
  expect(html + text).not.toMatch(/Ana\b|stars|Gold/);
  expect(set.definition('address-confirmation').onUnknown).toBe('quarantine');
});

const said = (html: string) =>
  seenAndLinked(html)
    // React isolates with an element where MJML has characters.
    .replace(/[\u2066-\u2069]/g, '')
    .replace(/[\s\u00A0\u202F]+/g, ' ');

describe('status statement, the same mail in both engines', () => {
  it.each(recipients)('says the same from the same blocks to: %s', (recipient) => {
    for (const brand of sampleBrands) {
      for (const locale of locales) {
        const [mjml, react] = ['status-statement', 'status-statement-react'].map((name) =>
          mail(name, brand, locale, recipient),
        );
        expect(react?.decision.reason).toBe(reasonFor('status-statement', recipient));
        expect(mjml?.decision.reason).toBe(react?.decision.reason);
        if (!mjml?.email || !react?.email) continue;
        expect(react.decision.blocks).toEqual(mjml.decision.blocks);
        expect(react.email.subject).toBe(mjml.email.subject);
        expect(react.email.text).toBe(mjml.email.text);
        expect(said(react.email.html)).toBe(said(mjml.email.html));
      }
    }
  });
});

describe('flight booking', () => {
  it('says what her miles can pay and what her tier gives here (S2, S3)', () => {
    const { html, text } = sent('flight-booking', 'kestrel', 'en');
    for (const part of [html, text]) {
      expect(part).toContain('You have 12,400 miles to use toward this flight');
      expect(part).toContain('62.00 of the fare');
      expect(part).toContain('Gold: one free checked bag for you and your guest');
    }
  });

  it('names nothing as a gift that the fare includes', () => {
    const data = { ...sampleData('flight-booking', 'kestrel'), includes: ['checked-bag'] };
    const { html } = sent('flight-booking', 'kestrel', 'en', 'member', data);
    expect(html).not.toContain('free checked bag');
    expect(html).toContain('Included in your fare');
  });

  it("shows the airports' own times", () => {
    const { text } = sent('flight-booking', 'kestrel', 'de');
    expect(text).toContain('Hamburg (HAM), 07:25');
    expect(text).toContain('Lisbon (LIS), 09:55, 18. Dezember');
  });
});

describe('bonus', () => {
  it('says how much, and less once it is used', () => {
    expect(sent('bonus-posted', 'juniper', 'en').text).toContain('50 stars');
    const other = { ...sampleData('bonus-posted', 'juniper'), bonusId: 'another' };
    const { text } = sent('bonus-posted', 'juniper', 'en', 'member', other);
    expect(text).not.toContain('50 stars');
    expect(text).toContain('account');
  });

  it('is called what the brand calls it in the mail’s language, else as it was written', () => {
    const words = z.looseObject({ bonuses: z.record(z.string(), z.string()) });
    const isolates = /[\u2066-\u2069]/g;
    const names = new Set<string>();
    for (const brand of sampleBrands)
      for (const locale of locales) {
        const file = join(root, 'brands', brand, 'locales', `${locale}.json`);
        const { bonuses } = words.parse(JSON.parse(readFileSync(file, 'utf8')));
        const [[bonusId, name] = ['', '']] = Object.entries(bonuses);
        for (const template of ['bonus-posted', 'bonus-reminder']) {
          const data = { ...sampleData(template, brand), bonusId, name: 'xb-17 ünknown' };
          const { text, html, subject } = sent(template, brand, locale, 'member', data);
          for (const part of [text, seenAndLinked(html), subject])
            expect({ brand, locale, template, part: part.replaceAll(isolates, '') }).not.toEqual(
              expect.objectContaining({ part: expect.stringContaining('xb-17') }),
            );
          expect(`${subject} ${text}`.replaceAll(isolates, '')).toContain(name);
        }
        const other = { ...sampleData('bonus-posted', brand), bonusId: 'another', name: 'xb-17' };
        expect(sent('bonus-posted', brand, locale, 'member', other).text).toContain('xb-17');
        names.add(name);
      }
    expect(names.size).toBe(sampleBrands.length * locales.length);
  });

  it('is not reminded of once it is no longer granted (S11)', () => {
    const other = { ...sampleData('bonus-reminder', 'juniper'), bonusId: 'another' };
    expect(mail('bonus-reminder', 'juniper', 'en', 'member', other).decision).toMatchObject({
      kind: 'suppress',
      reason: 'already-satisfied',
    });
  });
});

describe('year in review', () => {
  it('says thank you, and not one figure, after a year with too little in it (S9)', () => {
    const few = {
      figures: {
        year: 2026,
        purchases: 1,
        spent: { amount: 0, currency: 'EUR' },
        saved: { amount: 0, currency: 'EUR' },
        pointsEarned: 0,
        pointsSpent: 0,
        favourite: null,
        topCategory: null,
        favouriteStore: null,
        busiestMonth: null,
      },
    };
    for (const brand of sampleBrands) {
      const { text, html } = sent('year-in-review', brand, 'en', 'no-offers', few);
      expect(text).toContain('2026');
      expect(text).not.toMatch(/\b0\b|€/);
      expect(html).toContain('thank you for 2026');
      expect(html).not.toContain('€');
    }
  });

  it('leaves out a figure that is nothing', () => {
    const data = sampleData('year-in-review', 'juniper');
    const figures = typeof data['figures'] === 'object' ? data['figures'] : {};
    const { text } = sent('year-in-review', 'juniper', 'en', 'member', {
      figures: { ...figures, pointsSpent: 0, saved: { amount: 0, currency: 'EUR' } },
    });
    expect(text).toContain('Your stars: 1,625 collected');
    expect(text).not.toMatch(/\b0 stars|€0\.00/);
  });
});
