import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { Brand } from '../src/brand/brand.ts';
import type { Fact } from '../src/contract/fact-text.ts';
import type { Profile } from '../src/contract/profile.ts';
import { YearFigures } from '../src/contract/year-figures.ts';
import { blocks } from '../src/decision/blocks/index.ts';
import { prepare, type Prepared } from '../src/decision/prepare.ts';
import { openLibrary } from './library.ts';
import { hasSample, sampleData } from './sample-mail.ts';
import { sampleCatalogue } from './samples/offers.ts';
import { type SampleBrand, sampleBrands, sampleChanges, sampleMember } from './samples/world.ts';
import { seenIn } from './seen.ts';

const now = new Date('2026-11-20T09:00:00Z');
/** Mails of each template and brand: of a member that each is for, in each language, and of anybody. */
const runs = 4 + 6;
const locales = ['en', 'de', 'fr', 'ar'] as const;

let world: Awaited<ReturnType<typeof openLibrary>>;
beforeAll(async () => {
  world = await openLibrary();
});

type Case = {
  readonly template: string;
  readonly brand: SampleBrand;
  readonly locale: string;
  readonly member: Partial<Profile>;
  readonly data?: Record<string, unknown>;
};

function mailOf({ template, brand: id, locale, member, data = sampleData(template, id) }: Case) {
  const brand = world.brands.get(id)?.brand;
  if (!brand) throw new Error(`no brand ${id}`);
  const profile = sampleMember(id, { ...sampleChanges(template, id), ...member });
  const prepared = prepare(
    {
      id: '018f5b7e-0000-7000-8000-000000000001',
      tenant: 'default',
      template,
      brand: id,
      to: { email: 'ana@example.com' },
      locale,
      data,
      about: [],
      acceptedAt: now,
    },
    { kind: 'member', profile },
    {
      now,
      brand,
      catalogue: sampleCatalogue(id),
      templateFor: (wanted) => world.templates.compiled(template, id, wanted),
      address: 'ana@example.com',
      suppression: null,
      cancelled: new Map(),
      unsubscribeUrl: () => `https://mail.example/u`,
    },
  );
  return { ...prepared, profile, brand };
}

const plain = (text: string) =>
  text
    .replace(/https?:\S+/g, '')
    .replace(/[\u2066-\u2069\u200e\u200f\u061c\u00ad]/g, '')
    .replace(/\u202f/g, '\u00a0')
    // Blanks within a figure stay what they are.
    .replace(/[ \n\r\t]+/g, ' ');

/** A figure as digits, whatever language wrote it: 12,400, 12.400 and 12 400 are one. */
const digits = (text: string) =>
  text
    .replace(/[\u0660-\u0669]/g, (one) => String(one.charCodeAt(0) - 0x660))
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '');

/** Every number-looking piece of a text. */
const figuresIn = (text: string): string[] =>
  (plain(text).match(/\p{Nd}+(?:[.,٬٫’'\u00a0]\p{Nd}{3}(?!\p{Nd}))*(?:[.,٫]\p{Nd}+)?/gu) ?? []).map(
    digits,
  );

const clocks = new Map<string, readonly Intl.DateTimeFormat[]>();
function clocksOf(timeZone: string): readonly Intl.DateTimeFormat[] {
  const known = clocks.get(timeZone);
  if (known) return known;
  const made = [timeZone, 'UTC'].flatMap((zone) =>
    (['h12', 'h23'] as const).map(
      (hourCycle) =>
        new Intl.DateTimeFormat('en', {
          year: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
          hourCycle,
          timeZone: zone,
        }),
    ),
  );
  clocks.set(timeZone, made);
  return made;
}

/** How a stored fact may look in figures: of an instant its day, year, hour and minute; of an amount its minor units. */
function figuresOf(fact: unknown, timeZone: string): string[] {
  if (typeof fact === 'number') return [digits(String(fact)), digits((fact / 100).toFixed(2))];
  if (typeof fact === 'string') {
    const [, hour] = /^(\d\d):\d\d$/.exec(fact) ?? [];
    if (hour !== undefined) return [...figuresIn(fact), String(Number(hour) % 12 || 12)];
    const at = Date.parse(fact);
    if (!/^\d{4}-\d\d-\d\d/.test(fact) || Number.isNaN(at)) return figuresIn(fact);
    return clocksOf(timeZone).flatMap((clock) =>
      clock.formatToParts(at).flatMap(({ value }) => figuresIn(value)),
    );
  }
  if (typeof fact !== 'object' || fact === null) return [];
  // How many there are of something is a figure, too.
  return [
    ...(Array.isArray(fact) ? [String(fact.length)] : []),
    ...Object.values(fact).flatMap((one) => figuresOf(one, timeZone)),
  ];
}

/** Figures that are words of a template or brand: "18+", a postal code, "one of 2". */
function figuresOfWords(brand: SampleBrand): string[] {
  const folders = [
    join('templates/brands', brand, 'locales'),
    ...readdirSync('templates').map((one) => join('templates', one, 'locales')),
  ];
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
    );
  return [...files, readFileSync(join('templates/brands', brand, 'brand.json'), 'utf8')].flatMap(
    (text) =>
      (text.match(/"(?:[^"\\]|\\.)*"/g) ?? [])
        .filter((one) => !one.includes('#'))
        .flatMap(figuresIn),
  );
}

const words = (brand: SampleBrand, locale: string): Record<string, string> => ({
  ...JSON.parse(readFileSync(`templates/blocks/locales/${locale}.json`, 'utf8')),
  ...JSON.parse(readFileSync(`templates/brands/${brand}/locales/${locale}.json`, 'utf8')),
});

const edge = fc.constantFrom(0, 1, 7, 26, 104);
const count = fc.oneof(edge, fc.integer({ min: 1_000, max: 9_999_999 }));
const balance = fc.oneof(
  count,
  edge.map((one) => -one),
  fc.integer({ min: -99_999, max: -1 }),
);
const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const soon = fc
  .integer({ min: -30, max: 60 })
  .map((days) => new Date(now.getTime() + days * 86_400_000).toISOString());

/** Members as a ledger may have them: nothing, one, below zero, a great deal; pending or locked only; at the top, lapsing; nameless; without consent. */
const anybody = (brand: SampleBrand) => {
  const base = sampleMember(brand);
  return fc
    .record({
      activePoints: balance,
      pendingPoints: count,
      lockedPoints: count,
      qualifyingPoints: count,
      expiring: fc.array(fc.record({ points: count, expiresAt: soon }), { maxLength: 2 }),
      firstName: fc.constantFrom('Ana', 'Zoë', null),
      top: fc.boolean(),
      toGo: count,
      lapses: or(soon),
      bonus: fc.record({
        points: count,
        useBy: or(soon),
        state: fc.constantFrom('granted' as const, 'granted' as const, 'used' as const),
      }),
      saved: fc.array(count, { maxLength: 3 }),
      consent: fc.boolean(),
      enrolledAt: fc
        .integer({ min: 1, max: 4_000 })
        .map((days) => new Date(now.getTime() - days * 86_400_000).toISOString()),
    })
    .map(({ expiring, top, toGo, lapses, bonus, saved, consent, ...rest }): Partial<Profile> => ({
      ...rest,
      expiringPoints: expiring
        .map((one) => ({ ...one, points: Math.min(one.points, Math.max(0, rest.activePoints)) }))
        .toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt)),
      nextTier: top ? null : base.nextTier,
      pointsToNextTier: top ? null : toGo,
      currentTier: { ...base.currentTier, expiresAt: lapses ?? null },
      bonuses: base.bonuses.map((one) => ({ ...one, ...bonus, useBy: bonus.useBy ?? null })),
      savings: saved.map((amount, index) => ({
        year: 2026 - index,
        saved: { amount, currency: base.savings[0]?.saved.currency ?? 'EUR' },
      })),
      consents: consent ? base.consents : {},
    }));
};

const positive = (key: string, points: number | null) =>
  points !== null && points > 0 ? { [key]: points } : {};
/** What is good until midnight, or until an instant, is so until the millisecond before. */
const before = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();
const lives = (instant: string) => new Date(instant).toISOString();
const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, one) => sum + one, 0);

type Claimed = {
  readonly profile: Profile;
  readonly brand: Brand;
  readonly data: Record<string, unknown>;
};

/** All that lapses on the first day something does, or until the day the message is about. */
function lapsing({ profile, brand, data }: Claimed): Record<string, Fact> {
  const clock = new Intl.DateTimeFormat('en-CA', { timeZone: brand.timeZone });
  const lots = profile.expiringPoints
    .filter(({ points, expiresAt }) => points > 0 && Date.parse(expiresAt) > now.getTime())
    .map(({ points, expiresAt }) => ({ points, day: clock.format(Date.parse(expiresAt) - 1) }));
  const first = lots.map(({ day }) => day).toSorted()[0];
  const until = typeof data['lastDay'] === 'string' ? data['lastDay'] : first;
  const told = lots.filter(({ day }) => until !== undefined && day <= until);
  return profile.activePoints > 0 && told.length > 0
    ? { expiring: { points: sumOf(told.map(({ points }) => points)) } }
    : {};
}

/** What the shown blocks must say, worked out again from the profile, the brand and the message alone. */
const recomputed: Readonly<Record<string, (claimed: Claimed, facts: Fact) => Fact>> = {
  status: ({ profile }) => {
    const { activePoints, pendingPoints, qualifyingPoints: has, pointsToNextTier: toGo } = profile;
    return {
      activePoints,
      pendingPoints,
      memberSince: lives(profile.enrolledAt),
      ...(profile.nextTier &&
        toGo !== null &&
        toGo > 0 && {
          next: { pointsToGo: toGo, percent: Number((BigInt(has) * 100n) / BigInt(has + toGo)) },
        }),
    };
  },
  'points-statement': (claimed) => ({
    ...(claimed.profile.activePoints !== 0 && { activePoints: claimed.profile.activePoints }),
    ...positive('pendingPoints', claimed.profile.pendingPoints),
    ...positive('lockedPoints', claimed.profile.lockedPoints),
    ...lapsing(claimed),
  }),
  bonus: ({ profile }) => ({
    points: profile.bonuses[0]?.points ?? 0,
    activePoints: profile.activePoints,
    ...(profile.bonuses[0]?.useBy && { useBy: before(profile.bonuses[0].useBy) }),
  }),
  savings: ({ profile }) => {
    const years = profile.savings.filter(({ year, saved }) => year >= 2025 && saved.amount > 0);
    return {
      total: {
        amount: sumOf(years.map(({ saved }) => saved.amount)),
        currency: profile.savings[0]?.saved.currency ?? '',
      },
      years: years.map(({ year, saved }) => ({ year: String(year), saved })),
    };
  },
  'points-banner': ({ profile, brand: { programme } }, facts) => {
    const { usablePoints, worth, coversAll } = Banner.parse(facts);
    const { points, amount } = programme.burn;
    const most = Math.floor((usablePoints * amount) / points);
    // What is left to pay, where that is less.
    const pays = usablePoints <= profile.activePoints && (coversAll ? worth.amount <= most : true);
    return {
      activePoints: profile.activePoints,
      worth: { amount: pays && coversAll ? worth.amount : most, currency: programme.currency },
    };
  },
  'keeping-tier': ({ profile, brand: { programme } }) => {
    const place = programme.tiers.findIndex(({ id }) => id === profile.currentTier.id);
    const tier = programme.tiers[place];
    return {
      until: before(profile.currentTier.expiresAt ?? ''),
      ...(tier?.threshold !== undefined &&
        tier.needs === undefined && { pointsToKeep: tier.threshold - profile.qualifyingPoints }),
    };
  },
  tenure: ({ profile }) => {
    // Everybody here enrolled at nine, as it is now.
    const since = new Date(profile.enrolledAt);
    let years = 0;
    while (new Date(since).setUTCFullYear(since.getUTCFullYear() + years + 1) <= now.getTime())
      years += 1;
    return { memberSince: lives(profile.enrolledAt), ...positive('years', years) };
  },
  'upcoming-deals': ({ profile }) => positive('pointsToGo', profile.pointsToNextTier),
  'unlocked-reward': ({ profile }) => ({
    unlockedAt: lives(profile.rewards[0]?.unlockedAt ?? ''),
  }),
  entitlements: ({ profile, brand: { programme } }, facts) => {
    const { ids } = Entitled.parse(facts);
    const mine = programme.entitlements.filter(({ tiers }) =>
      tiers.includes(profile.currentTier.id),
    );
    return { ids: ids.filter((id) => mine.some((one) => one.id === id)) };
  },
  offers: ({ brand }, facts) =>
    z
      .array(Offered)
      .parse(facts)
      .map((one) => offered(one, brand)),
  recommendation: ({ brand }, facts) => offered(Offered.parse(facts), brand),
  'year-in-review': ({ profile, data }) => {
    const { year, ...figures } = YearFigures.parse(data['figures']);
    // What says nothing isn't kept.
    const due: Fact = Object.fromEntries(
      Object.entries(figures).flatMap(([key, one]) =>
        one === null || one === undefined ? [] : [[key, one]],
      ),
    );
    return { year: String(year), figures: due, memberSince: lives(profile.enrolledAt) };
  },
};

const Banner = z.object({
  usablePoints: z.int(),
  coversAll: z.boolean().default(false),
  worth: z.object({ amount: z.int() }),
});
const Entitled = z.object({ ids: z.array(z.string()).min(1) });
const Offered = z.object({ offerId: z.string() });

function offered({ offerId }: z.infer<typeof Offered>, { id }: Brand): Fact {
  const found = sampleCatalogue(Sample.parse(id)).offers.find((one) => one.offerId === offerId);
  const { startsAt = '', endsAt = '' } = found ?? {};
  return found && Date.parse(startsAt) <= now.getTime() && now.getTime() < Date.parse(endsAt)
    ? { offerId, endsAt: before(endsAt) }
    : `no such offer runs: ${offerId}`;
}
const Sample = z.enum(sampleBrands);

function parts({ email }: Prepared) {
  if (!email) throw new Error('not sent');
  const { subject, preheader, text, html } = email;
  return {
    subject: plain(subject),
    preheader: plain(preheader),
    text: plain(text),
    html: plain(seenIn(html)),
  };
}

/** Whether a fact says all of what another does. */
function holds(fact: Fact | undefined, due: Fact): boolean {
  if (typeof due !== 'object' || due === null) return fact === due;
  if (typeof fact !== 'object' || fact === null) return false;
  const has = new Map<string, Fact>(Object.entries(fact));
  return Object.entries(due).every(([key, one]) => holds(has.get(key), one));
}

/** What each block says of points that can be spent. */
const spending = [
  ['status', 'status.ready'],
  ['points-statement', 'statement.active'],
] as const;

it('every figure a mail shows is recorded, is true, and is the same in all its parts', () => {
  const wrong = new Map<string, string>();
  const counts = { mails: 0, figures: 0, blocks: 0, below: 0 };
  const blocksSeen = new Map<string, number>();
  const seenAs = new Set<string>();
  const cases = sampleBrands.flatMap((brand) =>
    world.templates
      .namesFor(brand)
      .filter((name) => hasSample({ name }))
      .map((template) => ({ brand, template })),
  );
  const wordsOf = new Map(sampleBrands.map((brand) => [brand, new Set(figuresOfWords(brand))]));
  for (const { brand: id, template } of cases)
    fc.assert(
      fc.property(anybody(id), fc.constantFrom(...locales), (member, locale) => {
        const data = sampleData(template, id);
        const mail = mailOf({ template, brand: id, locale, member, data });
        const { decision, email, profile, brand } = mail;
        if (!email) return;
        counts.mails += 1;
        seenAs.add(`${template} of ${id}`).add(locale);
        const said = decision.basis.said;
        const shown = parts(mail);
        const definition = world.templates.definition(template);
        const offers = sampleCatalogue(id).offers.filter(({ offerId }) =>
          JSON.stringify(said?.blocks ?? {}).includes(`"${offerId}"`),
        );
        const recorded = new Set([
          ...(wordsOf.get(id) ?? []),
          ...[
            said,
            data,
            definition.schema.parse(data),
            offers,
            brand.legal,
            // Recorded as `programmeVersion`.
            brand.programme.burn,
            brand.name,
            now.toISOString(),
          ].flatMap((fact) => figuresOf(fact, brand.timeZone)),
        ]);
        for (const [part, text] of Object.entries(shown)) {
          const figures = figuresIn(text);
          counts.figures += figures.length;
          for (const one of figures.filter((figure) => !recorded.has(figure)))
            wrong.set(`${id} ${template} ${locale} ${part}: ${one} is not recorded`, text);
          // A lone zero, or one with a currency; times have their colon.
          const zero = /(?<![\p{Nd}.,:٫])[0٠](?:[.,٫][0٠]{2})?(?![\p{Nd}:]|[.,٫]\p{Nd})/u.exec(
            text,
          );
          if (zero) wrong.set(`${id} ${template} ${locale} ${part}: a zero`, text);
        }
        const must = (so: boolean, what: string, text: string) => {
          if (!so) wrong.set(`${id} ${template} ${locale}: ${what}`, text);
        };
        for (const [block, facts] of Object.entries(said?.blocks ?? {})) {
          counts.blocks += 1;
          blocksSeen.set(block, (blocksSeen.get(block) ?? 0) + 1);
          const due =
            recomputed[block]?.({ profile, brand, data }, facts) ?? 'nobody recomputes it';
          must(holds(facts, due), block, JSON.stringify({ facts, due }));
        }
        const pays = ['bonus', 'points-banner'].some((block) => said?.blocks?.[block]);
        must(!pays || profile.activePoints > 0, 'nothing can be spent', JSON.stringify(said));
        // What the blocks say stands in both parts alike, sign and all.
        const own = words(id, locale);
        const none = plain(own['status.none'] ?? '').trim();
        const told = ['status', 'points-statement'].some((block) => said?.blocks?.[block]);
        for (const text of [shown.html, shown.text]) {
          for (const [block, key] of spending)
            if (profile.activePoints <= 0 && said?.blocks?.[block])
              must(
                !text.replaceAll(none, '').includes(plain(own[key] ?? '')),
                'nothing can be spent',
                text,
              );
          if (!told) continue;
          const figures = figuresIn(text);
          // Arabic has words of their own for one and two.
          if (profile.activePoints < 0 || profile.activePoints > 2)
            must(figures.includes(String(Math.abs(profile.activePoints))), 'the balance', text);
          if (profile.pendingPoints > 2)
            must(figures.includes(String(profile.pendingPoints)), 'what is pending', text);
          if (profile.activePoints >= 0) continue;
          counts.below += 1;
          must(/\u2212\p{Nd}/u.test(text), 'the sign', text);
        }
      }),
      { numRuns: runs, endOnFailure: true, examples: locales.map((locale) => [{}, locale]) },
    );
  expect([...wrong].slice(0, 20)).toEqual([]);
  // Of every template, brand and language, and of every block there is.
  const due = [...cases.map((one) => `${one.template} of ${one.brand}`), ...locales];
  expect(due.filter((one) => !seenAs.has(one))).toEqual([]);
  expect(blocks.map(({ name }) => name).filter((name) => !blocksSeen.has(name))).toEqual([]);
  expect(counts.mails).toBeGreaterThan(250);
  expect(counts.figures).toBeGreaterThan(5_000);
  expect(counts.blocks).toBeGreaterThan(400);
  expect(counts.below).toBeGreaterThan(40);
}, 300_000);

const reminder = (member: Partial<Profile>, points: number, template = 'bonus-reminder') =>
  mailOf({
    template,
    brand: 'juniper',
    locale: 'en',
    member: {
      ...member,
      bonuses: sampleMember('juniper').bonuses.map((one) => ({ ...one, points })),
    },
  });

describe('a bonus', () => {
  it('T3, T4: is not reminded of once nothing is there to spend', () => {
    for (const activePoints of [-104, 0]) {
      const { decision, email } = reminder({ activePoints }, 50);
      expect(email).toBeUndefined();
      expect(decision).toMatchObject({ kind: 'suppress', reason: 'already-satisfied' });
      const posted = reminder({ activePoints }, 50, 'bonus-posted');
      expect(parts(posted).text).not.toMatch(/to spend\b.*50|50 stars/);
    }
  });

  it('T4: says nothing of spending where a part of it is spent', () => {
    const mail = reminder({ activePoints: 20 }, 50);
    for (const text of Object.values(parts(mail))) {
      expect(text.length).toBeGreaterThan(10);
      expect(text).not.toMatch(/50|to spend/);
    }
  });

  it('T11: of no points is never shown as zero', () => {
    for (const template of ['bonus-reminder', 'bonus-posted'])
      for (const text of Object.values(parts(reminder({}, 0, template))))
        expect(text).not.toMatch(/\b0 stars|A little extra/);
  });
});

it.each(locales)(
  'T6: a balance below zero is one statement, in both engines and both parts: %s',
  (locale) => {
    for (const brand of sampleBrands)
      for (const template of ['status-statement', 'status-statement-react']) {
        const mail = mailOf({
          template,
          brand,
          locale,
          member: { activePoints: -26, pendingPoints: 4321 },
        });
        const { html, text } = parts(mail);
        for (const part of [html, text]) {
          expect(part).toMatch(/\u2212(26|٢٦)/);
          expect(figuresIn(part)).toContain('4321');
        }
      }
  },
);

it('T14: the year in review greets by name in both parts, and its tier is recorded', () => {
  for (const locale of locales) {
    const mail = mailOf({ template: 'year-in-review', brand: 'juniper', locale, member: {} });
    const { html, text } = parts(mail);
    for (const part of [html, text]) expect(part).toContain('Ana');
    expect(mail.decision.basis.said).toMatchObject({ tier: 'Gold', firstName: 'Ana' });
  }
});
