import { setTimeout as sleep } from 'node:timers/promises';

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

  const campaign = async (memberIds: readonly string[], timing: object) => {
    const { template, data } = reminderTo(memberIds[0] ?? '');
    const answer = await world.app.http?.inject({
      method: 'POST',
      url: '/v1/campaigns',
      payload: { template, brand: 'kestrel', data, timing, audience: { memberIds }, start: true },
    });
    expect(answer?.statusCode).toBe(201);
    const { id } = answer?.json<{ id: string }>() ?? { id: '' };
    return id;
  };
  /** Of a campaign: each member's message, once all exist and none is in a worker's hands. */
  const messagesOf = async (id: string, members: number, states = ['sent', 'held']) => {
    const until = performance.now() + 30_000;
    for (;;) {
      const { rows } = await world.app.pool.query<{
        member: string;
        state: string;
        reason: string | null;
        next: Date;
        ended: Date | null;
        accepted: Date;
      }>(
        `select member_id as member, state, reason, next_at as next, finished_at as ended, accepted_at as accepted
           from messages where campaign_id = $1`,
        [id],
      );
      const settled = rows.filter(({ state }) => states.includes(state));
      if (settled.length === members) return settled;
      if (performance.now() > until) throw new Error(`still ${JSON.stringify(rows)}`);
      await sleep(50);
    }
  };

  it('a campaign makes nothing before its start, and then all of it', async () => {
    const startAt = new Date(Date.now() + 3_000);
    const id = await campaign([await enrol(zones.awake), await enrol(zones.awake)], {
      startAt: startAt.toISOString(),
    });
    const { rows } = await world.app.pool.query('select from messages where campaign_id = $1', [
      id,
    ]);
    expect(rows).toHaveLength(0);
    const messages = await messagesOf(id, 2, ['sent']);
    for (const { accepted } of messages)
      expect(accepted.getTime()).toBeGreaterThanOrEqual(startAt.getTime());
  });

  it('a local time comes to each member by their own clocks', async () => {
    const zone = 'Asia/Tokyo';
    const [early, late] = [await enrol(zone), await enrol(zones.awake)];
    // An hour ago in Tokyo, where nobody sleeps when Auckland does; most of a day later in Honolulu.
    const [date = '', time = ''] = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'short',
    })
      .format(Date.now() - 3_600_000)
      .split(' ');
    const messages = await messagesOf(
      await campaign([early, late], { localTime: { date, time } }),
      2,
    );
    expect(messages.find(({ member }) => member === early)).toMatchObject({ state: 'sent' });
    const waits = messages.find(({ member }) => member === late);
    expect(waits).toMatchObject({ state: 'held', reason: 'local-time' });
    // Honolulu is ten hours behind UTC all year; a message is due to the second.
    const due = Date.parse(`${date}T${time}:00Z`) + 10 * 3_600_000;
    expect(Math.round(((waits?.next.getTime() ?? 0) - due) / 1_000)).toBe(0);
  });

  it('a campaign keeps its pace, each mail with a time of its own', async () => {
    const members = await Promise.all(Array.from({ length: 4 }, () => enrol(zones.awake)));
    const messages = await messagesOf(await campaign(members, { perMinute: 2 }), 4);
    expect(messages.map(({ state }) => state).toSorted()).toEqual(['held', 'held', 'held', 'sent']);
    const held = messages.filter(({ state }) => state === 'held');
    for (const { reason } of held) expect(reason).toBe('throttled');
    const times = held.map(({ next }) => next.getTime()).toSorted((a, b) => a - b);
    const gaps = times.slice(1).map((at, n) => at - (times[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(29_900);
  });
});

const offered = (memberId: string) => ({
  template: 'early-access',
  brand: 'kestrel',
  to: { memberId },
  data: { offerId: 'activewear-early-access' },
});

describe.each(backends())('what is worth more goes first under a cap, on %s', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend, {
      now: () => new Date(),
      templates: withSending(openTemplates, 'kestrel', {
        caps: [{ most: 1, days: 7 }],
        values: { 'bonus-reminder': 90, 'early-access': 40 },
      }),
    });
  });
  afterAll(() => world.close());

  it('a promotion that went keeps no reminder back; a reminder that went keeps promotions back', async () => {
    const member = await enrolReminded(world);
    const reasonOf = async (request: Parameters<World['send']>[0]) => {
      const { record } = await world.send(request);
      return record.state === 'sent' ? 'sent' : record.reason;
    };
    const promoted = await reasonOf(offered(member));
    expect(promoted).not.toBe('frequency-capped');
    expect(await reasonOf(reminder(member, world.now()))).toBe('sent');
    expect(await reasonOf(reminder(member, world.now()))).toBe('frequency-capped');
    const capped = await world.send(offered(member));
    expect(capped.record).toMatchObject({ state: 'suppressed', reason: 'frequency-capped' });
    expect(whyLines(capped.record).join(' ')).toContain('bonus-reminder');
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
