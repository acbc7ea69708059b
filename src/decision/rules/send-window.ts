import type { Facts } from '../../contract/facts.ts';
import { instantAt, localAt } from '../../core/calendar.ts';
import { type MessageRule, pass } from './rule.ts';

const zoneOf = ({ profile, brand }: Facts): string => profile?.timeZone ?? brand.timeZone;

const minuteMs = 60_000;

const timeOf = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return (hours * 60 + minutes) * minuteMs;
};

/** A campaign's mail goes when clocks where the member is show the time it was planned for. */
export const localTime: MessageRule = {
  name: 'local-time',
  version: 1,
  check: (facts) => {
    const wanted = facts.timing?.campaign?.localTime;
    if (!wanted) return pass();
    const [year = 0, month = 0, day = 0] = wanted.date.split('-').map(Number);
    const zone = zoneOf(facts);
    const until = new Date(instantAt({ year, month, day, time: timeOf(wanted.time) }, zone));
    const finding = { actual: { zone, now: facts.now.toISOString() }, needed: wanted };
    return facts.now < until
      ? { outcome: 'hold', reason: 'local-time', until, ...finding }
      : pass(finding);
  },
};

/** Commercial mails let the member sleep. */
export const quietHours: MessageRule = {
  name: 'quiet-hours',
  version: 1,
  check: (facts) => {
    const quiet = facts.timing ? facts.brand.sending?.quietHours : undefined;
    if (!quiet) return pass();
    const zone = zoneOf(facts);
    const local = localAt(facts.now.getTime(), zone);
    const [from, to] = [timeOf(quiet.from), timeOf(quiet.to)];
    const overMidnight = from > to;
    const isQuiet = overMidnight
      ? local.time >= from || local.time < to
      : local.time >= from && local.time < to;
    const finding = { actual: { zone, now: facts.now.toISOString() }, needed: quiet };
    if (!isQuiet) return pass(finding);
    const day = overMidnight && local.time >= from ? local.day + 1 : local.day;
    const until = instantAt({ ...local, day, time: to }, zone);
    // Clocks were put back, and show that time once more.
    const again = facts.now.getTime() + to - local.time;
    return {
      outcome: 'hold',
      reason: 'quiet-hours',
      until: new Date(until > facts.now.getTime() ? until : again),
      ...finding,
    };
  },
};
