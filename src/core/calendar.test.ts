import { describe, expect, it } from 'vitest';

import { addMonths, endOf, instantAt, localAt, startOfDay } from './calendar.ts';

const berlin = 'Europe/Berlin';
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number) => new Date(instant).toISOString();

describe('the calendar of a place', () => {
  it('begins a day at its own midnight, in summer and in winter', () => {
    expect(iso(startOfDay('2026-11-27', berlin))).toBe('2026-11-26T23:00:00.000Z');
    expect(iso(startOfDay('2026-07-01', berlin))).toBe('2026-06-30T22:00:00.000Z');
    expect(iso(startOfDay('2026-07-01', 'America/Los_Angeles'))).toBe('2026-07-01T07:00:00.000Z');
  });

  it('reads an instant as clocks there show it', () => {
    expect(localAt(at('2026-12-31T23:30:00.250Z'), berlin)).toEqual({
      year: 2027,
      month: 1,
      day: 1,
      time: 1_800_250,
    });
  });

  it('goes round: what clocks show leads back to the instant, also across changes of clocks', () => {
    for (let hour = 0; hour < 24 * 366; hour += 1) {
      const instant = at('2026-01-01T00:00:00Z') + hour * 3_600_000;
      const back = instantAt(localAt(instant, berlin), berlin);
      // The hour that is shown twice in October is read as its first.
      expect([instant, instant - 3_600_000]).toContain(back);
    }
  });

  it('keeps day and time over months, and ends with the month where it has no such day', () => {
    expect(iso(addMonths(at('2026-01-31T11:00:00Z'), 1, berlin))).toBe('2026-02-28T11:00:00.000Z');
    expect(iso(addMonths(at('2026-01-15T11:00:00Z'), 6, berlin))).toBe('2026-07-15T10:00:00.000Z');
    expect(iso(addMonths(at('2026-11-30T11:00:00Z'), 15, berlin))).toBe('2028-02-29T11:00:00.000Z');
  });

  it('ends month and year at midnight there', () => {
    expect(iso(endOf('month', at('2026-05-20T10:00:00Z'), berlin))).toBe(
      '2026-05-31T22:00:00.000Z',
    );
    expect(iso(endOf('year', at('2026-12-31T23:30:00Z'), berlin))).toBe('2027-12-31T23:00:00.000Z');
  });
});
