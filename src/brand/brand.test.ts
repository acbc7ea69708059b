import { describe, expect, it } from 'vitest';

import { brand } from '../../test/facts.ts';
import { brandAt, programmeAt } from './brand.ts';

const version = (name: string, effectiveFrom?: string) => ({
  ...brand.programme,
  version: name,
  ...(effectiveFrom !== undefined && { effectiveFrom }),
});
const versioned = {
  ...brand,
  programmes: [version('first'), version('second', '2026-01-01'), version('third', '2027-01-01')],
};
const inForce = (at: string) => programmeAt(versioned, Date.parse(at)).version;

describe('the programme of a brand', () => {
  it('is the version in force at that instant, from midnight in the brand’s time zone', () => {
    expect(inForce('2019-05-01T00:00:00Z')).toBe('first');
    expect(inForce('2025-12-31T22:59:59Z')).toBe('first');
    expect(inForce('2025-12-31T23:00:00Z')).toBe('second');
    expect(inForce('2026-12-31T23:00:00Z')).toBe('third');
  });

  it('is its only one where there are no versions', () => {
    expect(brandAt(brand, Date.parse('1999-01-01T00:00:00Z'))).toBe(brand);
  });

  it('is what rules and templates see of the brand', () => {
    expect(brandAt(versioned, Date.parse('2026-06-01T00:00:00Z')).programme.version).toBe('second');
  });
});
