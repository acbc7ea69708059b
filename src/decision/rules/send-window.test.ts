import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { brand, facts } from '../../../test/facts.ts';
import { Sending } from '../../brand/sending.ts';
import { localTime, quietHours } from './send-window.ts';

const minuteMs = 60_000;

/** What clocks there show, read by Intl alone. */
const formats = new Map<string, Intl.DateTimeFormat>();
function clockAt(at: number, zone: string): string {
  let format = formats.get(zone);
  if (!format)
    formats.set(
      zone,
      (format = new Intl.DateTimeFormat('sv-SE', {
        timeZone: zone,
        dateStyle: 'short',
        timeStyle: 'short',
      })),
    );
  return format.format(at);
}

/** Places whose clocks change by an hour or half of one, at different times of the year, and places where they never do. */
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kolkata',
  'UTC',
];
/** Days on which clocks go forward or back, and where. */
const changes = [
  ['2026-03-08', 'America/New_York'],
  ['2026-03-29', 'Europe/Berlin'],
  ['2026-04-05', 'Australia/Lord_Howe'],
  ['2026-04-05', 'America/Santiago'],
  ['2026-09-06', 'America/Santiago'],
  ['2026-10-04', 'Australia/Lord_Howe'],
  ['2026-10-25', 'Europe/Berlin'],
  ['2026-11-01', 'America/New_York'],
] as const;

/** About such a day, as often where clocks change then as anywhere. */
const instantAndZone = fc
  .tuple(
    fc.constantFrom(...changes),
    fc.integer({ min: -20 * 60, max: 36 * 60 }),
    fc.option(fc.constantFrom(...zones), { freq: 1 }),
  )
  .map(([[day, changing], minutes, zone]) => ({
    at: Date.parse(`${day}T00:00:00Z`) + minutes * minuteMs,
    timeZone: zone ?? changing,
  }));
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);

const minutesBetween = (start: string, end: string) => {
  const [a = 0, b = 0] = [start, end].map(
    (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)),
  );
  return (b - a + 1440) % 1440;
};

it('quiet hours end when clocks there show it, whatever clocks do meanwhile: quiet until then, not a minute more', () => {
  let [held, overChange] = [0, 0];
  fc.assert(
    fc.property(instantAndZone, time, time, ({ at, timeZone }, from, to) => {
      // Clocks put forward may take away all of a shorter time to send in; then it ends the day after.
      if (minutesBetween(to, from) < 90) return;
      const sending = Sending.parse({ quietHours: { from, to } });
      const found = quietHours.check(
        facts({
          now: new Date(at),
          member: { timeZone },
          brand: { ...brand, sending },
          timing: { campaign: null, recent: [] },
        }),
      );
      const isQuiet = (moment: number) => {
        const clock = clockAt(moment, timeZone).slice(11);
        return from > to ? clock >= from || clock < to : clock >= from && clock < to;
      };
      expect(found.outcome === 'hold').toBe(isQuiet(at));
      if (found.outcome !== 'hold') return;
      held += 1;
      const until = found.until.getTime();
      expect(until).toBeGreaterThan(at);
      expect(isQuiet(until)).toBe(false);
      const wrong: string[] = [];
      // Clocks that are put back in quiet hours may show a time before them again: they aren't over.
      const begun = clockAt(at, timeZone);
      for (let moment = at; moment < until; moment += minuteMs)
        if (!isQuiet(moment) && clockAt(moment, timeZone) >= begun)
          wrong.push(clockAt(moment, timeZone));
      // Where clocks are put forward over the end of it, it ends as much later: an hour at most.
      const ends = clockAt(until, timeZone).slice(11) === to;
      expect(ends ? wrong.slice(0, 3) : wrong.slice(60)).toEqual([]);
      const minutes = (until - at) / minuteMs;
      const [a, b] = [clockAt(at, timeZone), clockAt(until, timeZone)].map((clock) =>
        Date.parse(`${clock.replace(' ', 'T')}:00Z`),
      );
      if ((b ?? 0) - (a ?? 0) !== minutes * minuteMs) overChange += 1;
    }),
    { numRuns: 600 },
  );
  expect(held).toBeGreaterThan(150);
  expect(overChange).toBeGreaterThan(3);
});

const localTimeAt = (timeZone: string, date: string, clock: string) => {
  const found = localTime.check(
    facts({
      now: new Date('2026-01-01T00:00:00Z'),
      member: { timeZone },
      timing: { campaign: { localTime: { date, time: clock } }, recent: [] },
    }),
  );
  return found.outcome === 'hold' ? found.until.toISOString() : found.outcome;
};

it('a local time is the first moment at which clocks there show it, or would have, had they not been put forward', () => {
  // Summer time, winter time, the hour that there isn't, the hour that there is twice, and a half hour.
  expect(localTimeAt('Europe/Berlin', '2026-07-01', '09:00')).toBe('2026-07-01T07:00:00.000Z');
  expect(localTimeAt('Europe/Berlin', '2026-12-01', '09:00')).toBe('2026-12-01T08:00:00.000Z');
  expect(localTimeAt('Europe/Berlin', '2026-03-29', '02:30')).toBe('2026-03-29T01:30:00.000Z');
  expect(localTimeAt('Europe/Berlin', '2026-10-25', '02:30')).toBe('2026-10-25T00:30:00.000Z');
  expect(localTimeAt('Europe/Berlin', '2026-10-25', '09:00')).toBe('2026-10-25T08:00:00.000Z');
  expect(localTimeAt('America/New_York', '2026-03-08', '09:00')).toBe('2026-03-08T13:00:00.000Z');
  expect(localTimeAt('Australia/Lord_Howe', '2026-10-04', '09:00')).toBe(
    '2026-10-03T22:00:00.000Z',
  );
});
