import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { fixtureMember } from '../../test/personas.ts';
import { Programme } from '../brand/brand.ts';
import { InvalidInput } from '../core/errors.ts';
import { changedProfile } from './what-if.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const programme = Programme.parse(read('templates/brands/juniper/programme.json'));
const june = await fixtureMember('juniper', 'june-abbott');
const now = new Date('2026-11-20T12:00:00Z');

const change = (set: Record<string, string | number | boolean | null>) =>
  changedProfile(june, set, programme, now);

const problemsOf = (set: Record<string, string>) => {
  try {
    change(set);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
  return [];
};

describe('a changed persona', () => {
  it('reads values out of an address as what the profile holds there', () => {
    const changed = change({
      activePoints: '1250',
      'consents.marketing.granted': 'false',
      firstName: '7',
    });
    expect(changed).toMatchObject({
      activePoints: 1250,
      consents: { marketing: { granted: false } },
      firstName: '7',
    });
  });

  it('leaves the persona itself as it was', () => {
    change({ activePoints: '1250' });
    expect(june.activePoints).toBe(99);
  });

  it('gives a tier its name, its benefits and what is next', () => {
    expect(change({ 'currentTier.id': 'gold' })).toMatchObject({
      currentTier: { id: 'gold', name: 'Gold', rank: 2 },
      nextTier: { id: 'reserve' },
      pointsToNextTier: 1500 - june.qualifyingPoints,
      benefits: [{ benefitId: 'birthday-drink' }, { benefitId: 'free-upgrade' }],
    });
    expect(change({ qualifyingPoints: '1500' })).toMatchObject({
      currentTier: { id: 'reserve' },
      nextTier: null,
      pointsToNextTier: null,
      progress: [],
    });
  });

  it('says where a consent came from when it was never asked for', () => {
    const { marketing: _, ...consents } = june.consents;
    const never = { ...june, consents };
    const changed = changedProfile(never, { 'consents.marketing.granted': true }, programme, now);
    expect(changed.consents.marketing).toEqual({
      granted: true,
      source: 'preview',
      at: now.toISOString(),
    });
  });

  it.each([
    [{ activePoints: 'lots' }, 'activePoints', 'must be a number, not “lots”'],
    [{ activePoints: '1.5' }, 'activePoints', 'must be a whole number, not 1.5'],
    [{ activePoint: '12' }, 'activePoint', 'does not exist in a profile'],
    [{ 'currentTier.id': 'diamond' }, 'currentTier.id', 'must be one of green, gold, reserve'],
    [
      { memberStatus: 'away' },
      'memberStatus',
      'must be one of active, suspended, disputed, erased, not “away”',
    ],
    [{ 'activePoints.more': '1' }, 'activePoints.more', 'does not exist in a profile'],
  ])('refuses %j with a readable sentence', (set, path, message) => {
    expect(problemsOf(set)).toEqual([{ path, message }]);
  });

  it.each(['__proto__.polluted', 'constructor.prototype.polluted', 'consents.__proto__.granted'])(
    'does not walk %s',
    (path) => {
      expect(problemsOf({ [path]: 'true' })).toHaveLength(1);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      expect(Object.hasOwn(Object.prototype, 'granted')).toBe(false);
    },
  );
});
