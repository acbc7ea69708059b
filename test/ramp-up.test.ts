import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTemplates } from '../src/app/templates.ts';
import { enrolReminded, reminder } from './reminded.ts';
import { withSending } from './sending-brand.ts';
import { backends, openWorld, type World } from './world.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** The first day of the campaign, the second of the domain. */
const start = Date.parse('2026-06-02T10:00:00Z');
/** How finely time passes. */
const stepMs = 5_000;

const slow = 'slow.example';
/** 2 a minute on the first day, 4 on the second, 8 on the third, 10 from then on. */
const ofDomain = { perMinute: 10, rampUp: { from: '2026-06-01', perMinute: 2 } };
/** 3 a minute on the second day, 6 on the third and after. */
const ofCampaign = { perMinute: 6, rampUp: { from: '2026-06-02', perMinute: 3 } };

/** What the mail server took: when, by the test's clock, and which message; in its order. */
type Arrival = { readonly at: number; readonly message: string };

describe.each(backends())('a ramp-up, by a real worker and mail server, on %s', (backend) => {
  let world: World;
  let at = start;
  const arrivals: Arrival[] = [];
  beforeAll(async () => {
    world = await openWorld(backend, {
      now: () => new Date(at),
      templates: withSending(openTemplates, 'kestrel', { domains: { [slow]: ofDomain } }),
    });
  });
  afterAll(() => world.close());

  /** Whatever came since the last look came at this time: the clock stood still, and nothing is on its way. */
  const look = () => {
    for (const { messageId } of world.sink.mails.slice(arrivals.length))
      arrivals.push({ at, message: messageId.split('@')[0] ?? '' });
  };
  const campaign = async (memberIds: readonly string[], timing?: object) => {
    const { template, data } = reminder('', world.now());
    const answer = await world.app.http?.inject({
      method: 'POST',
      url: '/v1/campaigns',
      payload: {
        template,
        brand: 'kestrel',
        data,
        ...(timing && { timing }),
        audience: { memberIds },
        start: true,
      },
    });
    expect({ status: answer?.statusCode, body: answer?.body }).toMatchObject({ status: 201 });
    return answer?.json<{ id: string }>().id ?? '';
  };
  /** Waits until nothing more happens by itself: whatever waits has a time that has not come. */
  const quiet = async (messages: number) => {
    const until = performance.now() + 60_000;
    for (;;) {
      const { rows } = await world.app.pool.query<{ all: number; busy: number }>(
        `select count(*)::int as all, count(*) filter (where state in ('queued', 'sending') or state = 'held' and next_at <= now())::int as busy
           from messages where campaign_id is not null`,
      );
      if (rows[0]?.all === messages && rows[0].busy === 0) return look();
      if (performance.now() > until) throw new Error(`still ${JSON.stringify(rows)}`);
      await sleep(20);
    }
  };
  /** Time passes, for the worker and for the times the database was given. */
  const pass = async (ms: number, messages: number) => {
    at += ms;
    await world.app.pool.query(
      `update messages_open set next_at = next_at - $1 * interval '1 millisecond' where state = 'held'`,
      [ms],
    );
    await quiet(messages);
  };

  it('keeps the pace of each day to a domain and of a campaign; a receipt passes at once', async () => {
    const enrol = (count: number, domain: string) =>
      Promise.all(Array.from({ length: count }, () => enrolReminded(world, { domain })));
    const slowly = await enrol(48, slow);
    const others = await enrol(36, 'post.example');
    const messages = slowly.length + others.length;
    const ids = [await campaign(slowly), await campaign(others, ofCampaign)];
    await quiet(messages);
    const paces = [
      { all: slowly.length, perMinute: [4, 8, 10] },
      { all: others.length, perMinute: [3, 6, 6] },
    ];
    const { rows } = await world.app.pool.query<{ id: string; campaign: string }>(
      'select id, campaign_id as campaign from messages where campaign_id is not null',
    );
    const campaignOf = new Map(rows.map(({ id, campaign: of }) => [id, of]));
    const arrivedOf = (campaignId: string | undefined) =>
      arrivals.flatMap(({ at: time, message }) =>
        campaignOf.get(message) === campaignId ? [time] : [],
      );

    for (const day of [0, 1, 2]) {
      const from = at;
      for (let minute = 0; minute < 2; minute += 1) {
        for (let passed = 0; passed < minuteMs; passed += stepMs) await pass(stepMs, messages);
        // To the same domain, to a member whose reminder waits.
        const receipt = await world.send({
          template: 'welcome',
          brand: 'kestrel',
          to: { memberId: slowly[47 - minute - 2 * day] ?? '' },
          data: {},
        });
        look();
        expect(arrivals.at(-1)).toEqual({ at, message: receipt.record.id });
      }
      for (const [index, { all, perMinute }] of paces.entries()) {
        const pace = perMinute[day] ?? 0;
        const ever = arrivedOf(ids[index]);
        const times = ever.filter((time) => time >= from);
        const left = all - (ever.length - times.length);
        expect(left).toBeGreaterThan(2 * pace);
        const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
        const most = times.map(
          (time) => times.filter((other) => other >= time && other < time + minuteMs).length,
        );
        expect({ day, index, closest: Math.min(...gaps) >= minuteMs / pace - stepMs }).toEqual({
          day,
          index,
          closest: true,
        });
        expect({ day, index, most: Math.max(...most) }).toEqual({ day, index, most: pace });
        // As many as may.
        expect([2 * pace, 2 * pace + 1]).toContain(times.length);
      }
      // Until the same hour of the next day: of all whose time came meanwhile, not all go at once.
      await pass(from + dayMs - at, messages);
    }
  });
});
