import { expect, it } from 'vitest';

import { readDay, readInstant } from './instants.ts';

it.each([
  ['2026-05-04T18:30:00+02:00', 'iso', '2026-05-04T18:30:00.000+02:00'],
  ['2026-05-04T18:30:00', 'iso', '2026-05-04T18:30:00.000+02:00'],
  ['2026-12-04', 'iso', '2026-12-04T00:00:00.000+01:00'],
  ['04.05.2026 18:30', 'dd.MM.yyyy HH:mm', '2026-05-04T18:30:00.000+02:00'],
  ['5/4/2026 6:30 PM', 'M/d/yyyy h:mm a', '2026-05-04T18:30:00.000+02:00'],
  ['1777912200', 'unix', '2026-05-04T18:30:00.000+02:00'],
  ['1777912200000', 'unix-ms', '2026-05-04T18:30:00.000+02:00'],
  // The hour that doesn't exist when summer time begins, and the one that exists twice when it ends.
  ['29.03.2026 02:30', 'dd.MM.yyyy HH:mm', '2026-03-29T03:30:00.000+02:00'],
  ['25.10.2026 02:30', 'dd.MM.yyyy HH:mm', '2026-10-25T02:30:00.000+02:00'],
])('reads %s as %s', (text, format, instant) => {
  expect(readInstant(text, format, 'Europe/Berlin')).toBe(instant);
});

it.each([
  ['04.05.2026', 'iso'],
  ['31.02.2026 10:00', 'dd.MM.yyyy HH:mm'],
  ['17779122x', 'unix'],
  ['0001-01-01', 'iso'],
  ['', 'iso'],
])('does not guess at %s as %s', (text, format) => {
  expect(readInstant(text, format, 'Europe/Berlin')).toBeNull();
});

it.each([
  ['17.05.1990', 'dd.MM.yyyy', '1990-05-17'],
  ['5/17/1990', 'M/d/yyyy', '1990-05-17'],
  ['17.05.', 'dd.MM.', '05-17'],
  ['29.2.', 'd.M.', '02-29'],
  ['1990-05-17', 'iso', '1990-05-17'],
  ['31.02.1990', 'dd.MM.yyyy', null],
  ['30.02.', 'dd.MM.', null],
  ['May', 'dd.MM.', null],
])('L15: reads the day %s as %s', (text, format, day) => {
  expect(readDay(text, format)).toBe(day);
});
