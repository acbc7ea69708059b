import { startOfDay } from '../core/calendar.ts';
import type { Rate } from './sending.ts';

/** How many minutes so many mails take at this pace, from now on. Pure. */
export function minutesFor(mails: number, rate: Rate, now: Date, timeZone: string): number {
  let [left, minutes] = [mails, 0];
  for (;;) {
    const at = new Date(now.getTime() + minutes * 60_000);
    const perMinute = 60_000 / intervalMs(rate, at, timeZone);
    // At its pace, or done before the next day.
    if (perMinute >= rate.perMinute || left <= perMinute * minutesOfDay)
      return minutes + left / perMinute;
    left -= perMinute * minutesOfDay;
    minutes += minutesOfDay;
  }
}

const minutesOfDay = 1_440;
const dayMs = 86_400_000;

/** Milliseconds between two mails at this pace; while it ramps up more of them. Pure. */
export function intervalMs({ perMinute, rampUp }: Rate, now: Date, timeZone: string): number {
  if (!rampUp) return 60_000 / perMinute;
  const days = (now.getTime() - startOfDay(rampUp.from, timeZone)) / dayMs;
  const doubled = Math.max(0, Math.floor(days / rampUp.doublesEveryDays));
  // More than 2^30 times the first pace is no ramp any more.
  const ramped = rampUp.perMinute * 2 ** Math.min(doubled, 30);
  return 60_000 / Math.min(perMinute, ramped);
}
