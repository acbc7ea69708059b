import { expect, it } from 'vitest';

import { receiptFor } from '../../test/chaos/ground.ts';
import { openHttpApi } from '../../test/http-api.ts';
import { standardHeaders, standardSecret } from '../../test/webhooks.ts';

it(
  'T16: batches of the same members that come at once wait their turn',
  { timeout: 120_000 },
  async () => {
    const api = await openHttpApi();
    try {
      const headers = await api.as();
      const post = (payload: object[]) =>
        api.app.inject({ method: 'POST', url: '/v1/events', headers, payload });
      const at = '2026-01-01T09:00:00Z';
      const ids = Array.from({ length: 12 }, (_, n) => `m-${n}`);
      const event = (id: string, memberId: string, fields: object) => ({
        source: 't',
        id,
        at,
        memberId,
        ...fields,
      });
      await post(
        ids.map((id, n) =>
          event(`e-${id}`, id, {
            type: 'member.enrolled',
            brand: 'juniper',
            membershipNumber: `${n}`,
          }),
        ),
      );
      const replies = await Promise.all(
        Array.from({ length: 8 }, (_, batch) =>
          post(
            // Each begins with another member, so that two that hold what the other wants meet.
            [...ids.slice(batch), ...ids.slice(0, batch)].map((id) =>
              event(`p-${batch}-${id}`, id, { type: 'points.earned', points: 1 }),
            ),
          ),
        ),
      );
      expect(replies.map(({ statusCode }) => statusCode)).toEqual(replies.map(() => 200));
      const { rows } = await api.database.pool.query(
        'select sum(points)::int as points from laurel.points_entries',
      );
      expect(rows).toEqual([{ points: 8 * ids.length }]);
    } finally {
      await api.close();
    }
  },
);

const mapping = {
  source: 'reviews',
  events: [
    {
      type: 'points.earned',
      when: [{ column: 'type', in: ['review'] }],
      fields: {
        memberId: 'member',
        at: { column: 'timestamp', as: 'instant' },
        points: { column: 'points', as: 'integer' },
      },
    },
  ],
  otherwise: 'skip',
};

it.each(['events', 'webhooks'])(
  'X2: while %s of one member wait for a lock, everything else goes on, and then they are applied',
  { timeout: 120_000 },
  async (way) => {
    const reviews = {
      adapter: 'generic',
      brand: 'juniper',
      secrets: [standardSecret],
      mapping: 'map.json',
    };
    const now = new Date('2026-06-01T09:00:00Z');
    const at = '2026-06-01T08:00:00Z';
    const api = await openHttpApi({
      webhooks: { reviews },
      files: { 'map.json': mapping },
      now: () => now,
    });
    const { pool } = api.database;
    const lock = await pool.connect();
    try {
      const headers = await api.as();
      const post = (url: string, payload: object) =>
        api.app.inject({ method: 'POST', url, headers, payload });
      const members = ['hot', ...Array.from({ length: 20 }, (_, n) => `m-${n}`)];
      await post(
        '/v1/events',
        members.map((memberId) => ({
          type: 'member.enrolled',
          source: 't',
          id: `enrolled-${memberId}`,
          at: '2026-01-01T09:00:00Z',
          memberId,
          brand: 'juniper',
          membershipNumber: memberId,
        })),
      );
      const earned = (memberId: string, n: number) => ({
        type: 'points.earned',
        source: 't',
        id: `${memberId}-${n}`,
        at,
        memberId,
        points: 1,
      });
      const hook = (n: number) => {
        const body = JSON.stringify({ type: 'review', timestamp: at, member: 'hot', points: 1 });
        return api.app.inject({
          method: 'POST',
          url: '/v1/webhooks/generic/reviews',
          headers: standardHeaders(`hot-${n}`, now.getTime() / 1000, body),
          payload: body,
        });
      };

      await lock.query('begin');
      await lock.query(`select 1 from laurel.members where member_id = 'hot' for update`);
      let answered = 0;
      const hot = Array.from({ length: 100 }, async (_, n) => {
        const reply = await (way === 'events' ? post('/v1/events', earned('hot', n)) : hook(n));
        answered += 1;
        return reply;
      });
      const accepted = await Promise.all(
        Array.from({ length: 20 }, (_, n) => post('/v1/messages', receiptFor(n))),
      );
      const others = await Promise.all(
        members.slice(1).map((memberId) => post('/v1/events', earned(memberId, 0))),
      );
      const read = await api.app.inject({ url: '/v1/members/m-1', headers });
      expect(accepted.map(({ statusCode }) => statusCode)).toEqual(accepted.map(() => 202));
      expect(others.map((reply) => reply.json<{ results: object[] }>().results)).toEqual(
        others.map(() => [expect.objectContaining({ kind: 'applied' })]),
      );
      expect(read.statusCode).toBe(200);
      expect(answered).toBe(0);

      await lock.query('rollback');
      const replies = await Promise.all(hot);
      expect(replies.map(({ statusCode }) => statusCode)).toEqual(replies.map(() => 200));
      const { rows } = await pool.query(
        `select sum(points)::int as points from laurel.points_entries where member_id = 'hot'`,
      );
      expect(rows).toEqual([{ points: 100 }]);
    } finally {
      lock.release();
      await api.close();
    }
  },
);
