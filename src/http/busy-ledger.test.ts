import { expect, it } from 'vitest';

import { openHttpApi } from '../../test/http-api.ts';

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
