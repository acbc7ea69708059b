import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { brand, noon } from '../../test/facts.ts';
import { hasSample, sampleData } from '../../test/sample-mail.ts';
import { sampleCatalogue } from '../../test/samples/offers.ts';
import {
  type SampleBrand,
  sampleBrands,
  sampleChanges,
  sampleMember,
} from '../../test/samples/world.ts';
import type { Decision } from '../contract/decision.ts';
import type { Profile, ProfileReading } from '../contract/profile.ts';
import { plan } from './prepare.ts';
import { ruleSet } from './rule-set.ts';
import { expand, type ShortDecision, shorten } from './short-form.ts';

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
/** As Postgres gives it back. */
const stored = (short: ShortDecision): ShortDecision => JSON.parse(JSON.stringify(short));
const there = (decision: Decision) => expand(stored(shorten(decision)), ruleSet);

const rules = [...ruleSet.message, ...ruleSet.block, ...ruleSet.offer];
const fact = fc.oneof(
  fc.constantFrom(null, true, 0, 1, 'store', 'gold', ''),
  fc.jsonValue({ maxDepth: 2 }),
);
const flip = fc.oneof(
  fc.record({ text: fc.string() }),
  fc.record({ text: fc.string(), set: fc.dictionary(fc.string(), fc.integer()) }),
);
const head = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...rules) },
  fc.tuple(fc.string(), fc.nat(3)),
);
const step = fc
  .tuple(
    head,
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({ outcome: 'pass' }) },
      fc.record(
        { outcome: fc.constant('pass'), actual: fact, needed: fact, flip },
        { requiredKeys: ['outcome'] },
      ),
      fc.record(
        {
          outcome: fc.constantFrom('hide', 'suppress'),
          reason: fc.constantFrom('never-bought', 'expired', 'ranking'),
          actual: fact,
          needed: fact,
          flip,
        },
        { requiredKeys: ['outcome', 'reason', 'actual', 'needed'] },
      ),
      fc.record(
        {
          outcome: fc.constant('hold'),
          reason: fc.constantFrom('not-due', 'too-old'),
          until: fc.constantFrom('2026-11-20T12:00:00.000Z', '2027-01-01T00:00:00.000Z'),
          actual: fact,
          needed: fact,
          flip,
        },
        { requiredKeys: ['outcome', 'reason', 'until', 'actual', 'needed'] },
      ),
    ),
  )
  .map(([[rule, version], verdict]) => ({ rule, version, ...verdict }));
/** Rules in their order, as they are asked; and in any. */
const inOrder = (list: readonly (readonly [string, number])[]) =>
  fc.array(step, { maxLength: list.length + 1 }).map((steps) =>
    steps.map((one, at) => {
      const [rule, version] = list[at] ?? [one.rule, one.version];
      return { ...one, rule, version };
    }),
  );
const stepsOf = (list: readonly (readonly [string, number])[]) =>
  fc.oneof(inOrder(list), fc.array(step, { maxLength: 4 }));
const end = fc.oneof(
  fc.constant({ kind: 'show' }),
  fc.record({
    kind: fc.constant('hide'),
    reason: fc.constantFrom('never-bought', 'below-the-first'),
    rule: fc.constantFrom('never-bought', 'ranking'),
  }),
);
/** Any decision, also of rules that no release has. */
const anyDecision: fc.Arbitrary<Decision> = fc
  .record({
    kind: fc.constant('hold'),
    reason: fc.constantFrom('not-due', 'expired'),
    rule: fc.string(),
    until: fc.constant('2026-11-20T12:00:00.000Z'),
    steps: stepsOf(ruleSet.message),
    blocks: fc.array(
      fc
        .tuple(
          fc.oneof(
            fc.constantFrom(...ruleSet.blocks),
            fc.tuple(fc.string(), fc.nat(), fc.constantFrom('service', 'promotional')),
          ),
          stepsOf([...ruleSet.block]),
          end,
        )
        .map(([[block, , content], steps, ending]) => ({ block, content, steps, ...ending })),
      { maxLength: 4 },
    ),
    offers: fc.array(
      fc
        .record({
          offerId: fc.string(),
          rank: fc.option(fc.nat(9)),
          affinity: fc.constantFrom(0, 0.27, 1),
          because: fc.constantFrom('no affinity', 'affinity 0.27 with coffee', ''),
          steps: stepsOf(ruleSet.offer),
        })
        .chain((offer) => end.map((ending) => ({ ...offer, ...ending }))),
      { maxLength: 6 },
    ),
    basis: fc.record(
      {
        at: fc.constant('2026-11-20T12:00:00.000Z'),
        profile: fc.constantFrom('member', 'guest', 'erased'),
        memberId: fc.option(fc.string()),
        said: fc.record({
          firstName: fc.option(fc.string()),
          tier: fc.option(fc.string()),
          activePoints: fc.option(fc.nat()),
          blocks: fc.dictionary(fc.string(), fc.jsonValue()),
        }),
        ledgerVersion: fc.option(fc.nat()),
        unknown: fc.array(fc.string()),
      },
      { requiredKeys: ['at', 'profile', 'ledgerVersion'] },
    ),
  })
  .map((decision) => JSON.parse(JSON.stringify(decision)));

it('any decision is the same again, whatever its rules', () => {
  const runs = 1_000;
  let parts = 0;
  fc.assert(
    fc.property(anyDecision, (decision) => {
      parts += decision.blocks.length + decision.offers.length;
      expect(asJson(there(decision))).toEqual(decision);
    }),
    { numRuns: runs },
  );
  expect(parts).toBeGreaterThan(runs);
});

const noOne: readonly ProfileReading[] = [
  { kind: 'guest', why: 'unknown-address' },
  { kind: 'guest', why: 'address-not-linked' },
  { kind: 'erased' },
];
const changes = fc.record(
  {
    activePoints: fc.constantFrom(0, 40, 500, 60_000),
    memberStatus: fc.constantFrom('active' as const, 'suspended' as const, 'disputed' as const),
    firstName: fc.option(fc.string()),
    consents: fc.constantFrom<Profile['consents']>(
      {},
      { marketing: { granted: false, source: 'app', at: '2026-01-01T00:00:00Z' } },
      {
        marketing: { granted: true, source: 'app', at: '2026-01-01T00:00:00Z' },
        profiling: { granted: false, source: 'app', at: '2026-01-01T00:00:00Z' },
      },
    ),
    affinities: fc.dictionary(
      fc.constantFrom('coffee', 'flights', 'tickets'),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
    channels: fc.constantFrom<Profile['channels']>(
      {},
      { store: { count: 3, lastAt: '2026-11-01T00:00:00Z' } },
      { app: { count: 1, lastAt: '2026-11-01T00:00:00Z' } },
    ),
  },
  { requiredKeys: [] },
);

describe('what is decided', () => {
  it('is the same again for every template, of every brand, for anybody', () => {
    const seen = new Map<string, Set<string>>();
    let offers = 0;
    let bytes = 0;
    let wholeBytes = 0;
    const cases = templates
      .filter(hasSample)
      .flatMap((definition) =>
        sampleBrands.map((id): [typeof definition, SampleBrand] => [definition, id]),
      );
    const check = (
      [definition, id]: (typeof cases)[number],
      reading: ProfileReading,
      address: string,
    ) => {
      const { decision } = plan(
        {
          id: '0196a000-0000-7000-8000-000000000001',
          tenant: 'main',
          template: definition.name,
          brand: id,
          to: { email: 'ana@example.com' },
          data: sampleData(definition.name, id),
          about: [],
          acceptedAt: noon,
        },
        reading,
        {
          now: noon,
          brand: { ...brand, id },
          catalogue: sampleCatalogue(id),
          templateFor: (locale) => ({
            definition,
            version: '1',
            locale,
            engine: 'mjml',
            render: () => ({ subject: 's', preheader: 'p', html: '<p>h</p>', text: 't' }),
          }),
          address,
          suppression:
            address === 'gone@example.com'
              ? { reason: 'hard-bounce', at: noon, scope: 'all' }
              : null,
          cancelled: new Map(),
          unsubscribeUrl: () => 'https://mail.example/u/token',
        },
      );
      const short = shorten(decision);
      expect(asJson(expand(stored(short), ruleSet))).toEqual(asJson(decision));
      seen.set(definition.name, (seen.get(definition.name) ?? new Set()).add(decision.kind));
      offers += decision.offers.length;
      wholeBytes += JSON.stringify(decision).length;
      bytes += JSON.stringify(short.decision).length + JSON.stringify(short.rest).length;
    };
    for (const one of cases) {
      const [definition, id] = one;
      for (const reading of noOne) check(one, reading, 'ana@example.com');
      check(one, { kind: 'member', profile: sampleMember(id) }, 'gone@example.com');
      fc.assert(
        fc.property(changes, (changed) => {
          const profile = sampleMember(id, { ...sampleChanges(definition.name, id), ...changed });
          check(one, { kind: 'member', profile }, 'ana@example.com');
        }),
        { numRuns: 12 },
      );
    }
    expect(seen.size).toBe(templates.filter(hasSample).length);
    // Nearly every template is both sent and not.
    expect([...seen].filter(([, kinds]) => kinds.size < 2).length).toBeLessThan(5);
    // Some 370 by chance, 33 more or less.
    expect(offers).toBeGreaterThan(200);
    expect(bytes).toBeLessThan(wholeBytes / 2);
  });
});
