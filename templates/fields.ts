import { z } from 'zod';

import { webAddress } from '../src/core/web-address.ts';

/** One line of plain text: no control characters, no broken Unicode. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .refine(
      (text) => !/[\p{Cc}\p{Cs}]/u.test(text),
      'contains control characters or broken Unicode',
    );

/** An identifier without spaces, so that it can name a subject such as `order:1001`. */
export const Reference = line(120).regex(/^\S+$/, 'must not contain spaces');

/** Minor units (cents; whole yen), zero or more. */
export const Minor = z
  .int('must be a whole number of minor units, e.g. 450 for 4.50')
  .nonnegative('must be zero or more');

/** An address a mail may link to or load from: https only, so that nothing else can be smuggled in. */
export const WebUrl = webAddress('https');

/** An instant with its offset, such as `2026-05-04T18:30:00+02:00`. */
export const Instant = z.iso.datetime({
  offset: true,
  error: 'must be a time with offset such as 2026-05-04T18:30:00+02:00',
});

/**
 * A time as clocks at the place show it, such as `2026-12-18T07:25:00+01:00`. Its offset may be given or left out, and
 * is dropped: kept as if it were UTC and shown in UTC, so that no time zone can move it.
 */
export const LocalTime = z.iso
  .datetime({
    offset: true,
    local: true,
    error: 'must be a local time such as 2026-12-18T07:25:00+01:00',
  })
  .overwrite((time) => `${time.slice(0, 16)}:00Z`);

/** A mere day, such as `2026-05-04`: the same everywhere. */
export const Day = z.iso.date('must be a day such as 2026-05-04');

/** A time on the wall clock, such as `07:30`. */
export const ClockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 07:30');

/** What a parcel, a pickup or a cancellation is about: things and how many, without prices. */
export const Things = z
  .array(
    z.strictObject({
      productId: Reference.optional(),
      name: line(200),
      quantity: z
        .int('must be a whole number')
        .positive('must be at least 1')
        .max(10_000)
        .default(1),
      /** How it was wanted: "oat milk, large". */
      note: line(200).optional(),
      imageUrl: WebUrl.optional(),
    }),
  )
  .max(100, 'must have at most 100 items')
  .default([]);

/** A day as a text can write it in the brand's time zone: its noon. */
export const noonOf = (day: string): Date => new Date(`${day}T12:00:00Z`);
