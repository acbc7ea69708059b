import { beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../fixtures/load.ts';
import type { Brand } from '../brand/brand.ts';
import { readAnswer } from './answer.ts';
import { parseSources } from './sources/parse.ts';
import { tellable } from './sources/settings.ts';

let brand: Pick<Brand, 'programme'>;
beforeAll(async () => {
  const found = (await fixtureBrandOf())('juniper');
  if (!found) throw new Error('no brand');
  brand = found;
});
const now = new Date('2026-05-04T14:05:00Z');

function read(map: object, record: unknown, settings: object = {}) {
  const { sources } = parseSources({
    sources: { crm: { kind: 'file', path: 'x.csv', identity: 'id', map, ...settings } },
  });
  const [source] = sources;
  if (!source) throw new Error('no source');
  return readAnswer(
    { record },
    { source: 'crm', settings: source.settings, key: 'ana', brand, locale: 'de', now },
  );
}

describe('what a source tells', () => {
  it('is found by paths and pointers, in its own words, and becomes what a profile says', () => {
    const { values, problems } = read(
      {
        activePoints: { from: '/acc~1ount/points', as: 'int' },
        firstName: 'name.0',
        memberStatus: { from: 'status', values: { 1: 'active', 2: 'suspended' } },
        enrolledAt: { from: 'since', as: 'day' },
        currentTier: { from: 'tier', values: { G: 'gold' }, as: 'current-tier' },
        nextTier: 'next',
        expiringPoints: {
          list: 'expiring',
          each: {
            object: {
              points: { from: 'n', as: 'int' },
              expiresAt: { from: 'at', as: 'epoch-seconds' },
            },
          },
        },
        consents: {
          object: {
            marketing: {
              object: {
                granted: { from: 'optin', as: 'boolean' },
                source: { value: 'crm' },
                at: { from: 'optinAt', as: 'instant' },
              },
            },
          },
        },
      },
      {
        id: 'ana',
        'acc/ount': { points: '12400' },
        name: ['Ana'],
        status: 1,
        since: '2019-03-04',
        tier: 'G',
        next: null,
        expiring: [{ n: '50', at: 1_790_000_000 }],
        optin: 1,
        optinAt: '2026-01-01T10:00:00+02:00',
      },
    );
    expect(problems).toEqual([]);
    expect(values).toEqual({
      activePoints: 12_400,
      firstName: 'Ana',
      memberStatus: 'active',
      enrolledAt: '2019-03-04T00:00:00.000Z',
      currentTier: {
        id: 'gold',
        name: 'Gold',
        rank: 2,
        effectiveAt: '2026-05-04T14:05:00.000Z',
        expiresAt: null,
        changeReason: 'told-by-source',
      },
      nextTier: null,
      expiringPoints: [{ points: 50, expiresAt: '2026-09-21T14:13:20.000Z' }],
      consents: { marketing: { granted: true, source: 'crm', at: '2026-01-01T08:00:00.000Z' } },
    });
  });

  it('is nothing more than that: no field is told by being left out', () => {
    const all = Object.fromEntries(tellable.map((field) => [field, field]));
    expect(read(all, { id: 'ana' })).toMatchObject({ state: 'ok', values: {}, problems: [] });
    const none = Object.fromEntries(tellable.map((field) => [field, null]));
    expect(read(all, { id: 'ana', ...none }).values).toEqual({
      email: null,
      firstName: null,
      lastName: null,
      birthday: null,
      nextTier: null,
      pointsToNextTier: null,
      preferredStore: null,
      spend: null,
      spendPercentile: null,
    });
  });

  it.each([
    ['activePoints', 'points', '12,400', 'is not a whole number', 'int'],
    ['activePoints', 'points', '0x10', 'is not a whole number', 'int'],
    ['activePoints', 'points', '', 'is not a whole number', 'int'],
    ['activePoints', 'points', 12.5, 'is not a whole number', 'int'],
    ['activePoints', 'points', '12400', 'expected number', undefined],
    ['activePoints', 'points', 2 ** 60, 'Too big', undefined],
    ['activePoints', 'points', -1, 'is negative', undefined],
    ['enrolledAt', 'since', '04.03.2019', 'is not a time', 'day'],
    ['enrolledAt', 'since', '2019-03-04T10:00:00', 'is not a time', 'instant'],
    ['currentTier', 'tier', 'diamond', 'is not the id of a tier', 'current-tier'],
    ['memberStatus', 'status', 'gone', 'expected one of', undefined],
    ['firstName', 'name', 'A\u0000na', 'control characters', undefined],
    ['firstName', 'name', '\uD800', 'broken Unicode', undefined],
    ['firstName', 'name', 'x'.repeat(1_001), 'too long', undefined],
    ['firstName', 'name', { first: 'Ana' }, 'expected string', undefined],
    ['email', 'mail', 'a@b,c@d', 'is not a mail address', undefined],
    ['email', 'mail', 'a@b.example\r\nBcc: e@x.example', 'control characters', undefined],
    ['locale', 'lang', 'not a locale', 'is not a language tag', undefined],
    ['timeZone', 'zone', 'Mars/Base', 'is not a time zone', undefined],
  ])('is as if not told when it is wrong: %s', (field, from, value, message, as) => {
    const { values, problems, failed } = read(
      { [field]: { from, ...(as && { as }) }, lastName: 'last' },
      { id: 'ana', [from]: value, last: 'Keller' },
    );
    expect(values).toEqual({ lastName: 'Keller' });
    expect(problems).toMatchObject([{ field, message: expect.stringContaining(message) }]);
    expect(failed).toBe(true);
    // The value itself is somebody's data.
    expect(JSON.stringify(problems)).not.toContain(JSON.stringify(value));
  });

  it('never comes from what every object has', () => {
    const odd = read({ firstName: 'constructor.name', lastName: '__proto__.x' }, { id: 'ana' });
    expect(odd.values).toEqual({});
  });
});

const toldAt = (at: string) =>
  read(
    { activePoints: 'points', firstName: 'name' },
    { id: 'ana', points: 5, name: 'Ana', at },
    { asOf: 'at', maxAge: 60, keepFor: 600 },
  );

describe('an answer', () => {
  const map = { activePoints: 'points', firstName: 'name' };
  it('about somebody else, or about nobody, is discarded whole', () => {
    expect(read(map, { id: 'ben', points: 5 })).toMatchObject({
      state: 'garbage',
      why: "another member's",
      values: {},
    });
    for (const record of [{ points: 5 }, { id: null, points: 5 }, { id: ['ana'] }, [], 'ana', null])
      expect(read(map, record)).toMatchObject({ state: 'garbage', values: {} });
  });

  it('that is old tells no figure, and what lasts only with its time and for a while', () => {
    expect(toldAt('2026-05-04T14:04:30Z')).toMatchObject({
      state: 'ok',
      values: { activePoints: 5, firstName: 'Ana' },
    });
    const old = toldAt('2026-05-04T14:00:00Z');
    expect(old).toMatchObject({
      state: 'stale',
      asOf: new Date('2026-05-04T14:00:00Z'),
      failed: true,
    });
    expect(old.values).toEqual({ firstName: 'Ana' });
    expect(toldAt('2026-05-04T13:00:00Z').values).toEqual({});
    expect(toldAt('04.05.2026')).toMatchObject({ state: 'garbage' });
    // A clock that is ahead makes nothing younger than now.
    expect(toldAt('2026-05-05T00:00:00Z')).toMatchObject({ state: 'ok', asOf: now });
  });
});
