import { expect, it } from 'vitest';

import { intervalMs, minutesFor } from './rates.ts';

/** Mails a minute on a day of the ramp-up. */
const pace = (day: string, rampUp: Parameters<typeof intervalMs>[0]['rampUp'], perMinute = 2_000) =>
  Math.round(60_000 / intervalMs({ perMinute, rampUp }, new Date(day), 'Europe/Berlin'));

it('a domain is warmed up: each day twice as many, until it is the pace that was meant', () => {
  const rampUp = { from: '2026-12-01', perMinute: 50, doublesEveryDays: 1 };
  const days = Array.from({ length: 9 }, (_, n) => pace(`2026-12-0${n + 1}T11:00:00Z`, rampUp));
  expect(days).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
  // Before it begins it is no faster; the day is the brand's.
  expect(pace('2026-11-20T11:00:00Z', rampUp)).toBe(50);
  expect(pace('2026-12-01T22:59:00Z', rampUp)).toBe(50);
  expect(pace('2026-12-01T23:01:00Z', rampUp)).toBe(100);
  expect(pace('2040-12-01T11:00:00Z', rampUp)).toBe(2_000);
});

it('every third day, where that is wanted; and at once where no ramp is', () => {
  const rampUp = { from: '2026-03-27', perMinute: 10, doublesEveryDays: 3 };
  const days = ['27', '28', '29', '30', '31'].map((day) =>
    pace(`2026-03-${day}T11:00:00Z`, rampUp),
  );
  // Over the night in which clocks are put forward, too.
  expect(days).toEqual([10, 10, 10, 20, 20]);
  expect(pace('2026-12-01T11:00:00Z', undefined)).toBe(2_000);
});

it('so many mails take as long as the paces of the days they go on', () => {
  const zone = 'Europe/Berlin';
  const noon = new Date('2026-12-01T11:00:00Z');
  expect(minutesFor(600, { perMinute: 20 }, noon, zone)).toBe(30);
  const rampUp = { from: '2026-12-01', perMinute: 1, doublesEveryDays: 1 };
  // 1,440 on the first day, 2,880 on the second, the rest at four a minute.
  expect(minutesFor(100, { perMinute: 4, rampUp }, noon, zone)).toBe(100);
  expect(minutesFor(1_440 + 2_880 + 400, { perMinute: 4, rampUp }, noon, zone)).toBe(2_880 + 100);
});
