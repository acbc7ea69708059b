import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTemplates } from '../src/app/templates.ts';
import { Sending } from '../src/brand/sending.ts';
import { whyLines } from '../src/message/why.ts';
import { enrolReminded, reminder } from './reminded.ts';
import { withSending } from './sending-brand.ts';
import { backends, openWorld, type World } from './world.ts';

/** Quiet by everybody's clocks but those of Honolulu's, or of Auckland's: half a world apart. */
const zones = { awake: 'Pacific/Honolulu', asleep: 'Pacific/Auckland' } as const;

describe.each(backends())('when a commercial mail goes, on %s', (backend) => {
  let world: World;
  let clock: (zone: string, atHours?: number) => string;
  beforeAll(async () => {
    const now = new Date();
    clock = (zone, hours = 0) =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      }).format(now.getTime() + hours * 3_600_000);
    world = await openWorld(backend, {
      now: () => new Date(),
      templates: withSending(openTemplates, 'kestrel', {
        caps: [{ most: 2, days: 7 }],
        values: { 'bonus-reminder': 90 },
        // Auckland sleeps for an hour around now, wherever the test is run.
        quietHours: { from: clock(zones.asleep, -1), to: clock(zones.asleep, 1) },
        domains: { 'slow.example': { perMinute: 2 } },
      }),
    });
  });
  afterAll(() => world.close());

  const enrol = (timeZone: string, domain?: string) =>
    enrolReminded(world, { timeZone, ...(domain !== undefined && { domain }) });
  const reminderTo = (memberId: string) => reminder(memberId, world.now());
  const enqueue = async (request: Parameters<World['send']>[0]) =>
    (await world.app.producer.enqueue(request)).id;

  it('quiet hours hold it by the member’s own clocks, and say so', async () => {
    const [asleep, awake] = [await enrol(zones.asleep), await enrol(zones.awake)];
    const held = await world.settled(await enqueue(reminderTo(asleep)), ['held', 'sent']);
    expect(held).toMatchObject({ state: 'held', reason: 'quiet-hours' });
    const until = held.nextAt.getTime() - Date.now();
    expect(until).toBeGreaterThan(0);
    expect(until).toBeLessThanOrEqual(3_600_000);
    expect(whyLines(held)[0]).toMatch(
      /Held until .*quiet hour where the member is \(Pacific\/Auckland\)/,
    );
    expect(await world.settled(await enqueue(reminderTo(awake)))).toMatchObject({ state: 'sent' });
  });

  it('a cap lets so many through, however many come at once; what is worth more goes', async () => {
    const member = await enrol(zones.awake);
    const ids = await Promise.all(Array.from({ length: 6 }, () => enqueue(reminderTo(member))));
    const ends = await Promise.all(ids.map((id) => world.settled(id)));
    expect(ends.map(({ state }) => state).toSorted()).toEqual([
      'sent',
      'sent',
      ...Array(4).fill('suppressed'),
    ]);
    expect(ends.flatMap(({ state, reason }) => (state === 'sent' ? [] : [reason]))).toEqual(
      Array(4).fill('frequency-capped'),
    );
    const { rows } = await world.app.pool.query<{ state: string }>(
      `select state from messages where member_id = $1 and state = 'sent'`,
      [member],
    );
    expect(rows).toHaveLength(2);
  });

  it('a pace gives each mail its time; receipts to the same domain leave at once', async () => {
    const members = await Promise.all(
      Array.from({ length: 3 }, () => enrol(zones.awake, 'slow.example')),
    );
    const first = await world.settled(await enqueue(reminderTo(members[0] ?? '')));
    expect(first.state).toBe('sent');
    const later = await Promise.all(
      members
        .slice(1)
        .map(async (member) => world.settled(await enqueue(reminderTo(member)), ['held', 'sent'])),
    );
    for (const one of later) expect(one).toMatchObject({ state: 'held', reason: 'throttled' });
    const gaps = later.map(({ nextAt }) => nextAt.getTime()).toSorted((a, b) => a - b);
    expect((gaps[1] ?? 0) - (gaps[0] ?? 0)).toBeGreaterThan(25_000);
    expect(whyLines(later[0] ?? first)[0]).toContain('at a set pace');
    const receipt = await world.settled(
      await enqueue({
        template: 'welcome',
        brand: 'kestrel',
        to: { memberId: members[2] ?? '' },
        data: {},
      }),
    );
    expect(receipt.state).toBe('sent');
  });
});

it('names what is wrong in sending.json', () => {
  const { error } = Sending.safeParse({
    quietHours: { from: '9pm', to: '08:00' },
    caps: [{ most: 0, days: 7 }],
    domains: { 'GMAIL.com': { perMinute: 5 } },
  });
  expect(error?.issues.map(({ path }) => path.join('.')).toSorted()).toEqual([
    'caps.0.most',
    'domains.GMAIL.com',
    'quietHours.from',
  ]);
});
