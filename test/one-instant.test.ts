import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureNow } from '../fixtures/load.ts';
import { readProfiles } from '../src/profile/ledger.ts';
import { openWorld, type World } from './world.ts';

const day = 86_400_000;

describe('T13: a mail is about one instant', () => {
  let world: World;
  /** Whoever looks at this clock twice sees ten days between, in which points lapse. */
  let looks = 0;
  beforeAll(async () => {
    world = await openWorld('postgres', {
      now: () => new Date(fixtureNow.getTime() + (looks++ % 30) * 10 * day),
    });
  });
  afterAll(() => world.close());

  it('what is read is as of the instant it is decided at, whatever lapses meanwhile', async () => {
    const { rows } = await world.app.pool.query<{ memberId: string; brand: string }>(
      `select member_id as "memberId", brand from laurel.profiles
        where document -> 'points' is not null and merged_into is null order by member_id limit 40`,
    );
    const sent = await Promise.all(
      rows.map(async ({ memberId, brand }) => {
        const to = { memberId };
        const { record } = await world.send({ template: 'status-statement', brand, to, data: {} });
        return { memberId, record };
      }),
    );
    let lapsing = 0;
    let looked = 0;
    for (const { memberId, record } of sent) {
      const basis = record.decision?.basis;
      if (!basis?.profileAsOf) continue;
      looked += 1;
      expect(new Date(basis.profileAsOf)).toEqual(new Date(basis.at));
      const [then, later] = await Promise.all(
        [0, 10].map((days) => activePoints(memberId, new Date(Date.parse(basis.at) + days * day))),
      );
      if (then !== later) lapsing += 1;
      expect([then, null, undefined]).toContain(basis.said?.activePoints);
    }
    expect(looked).toBeGreaterThan(10);
    expect(lapsing).toBeGreaterThan(0);
  });

  async function activePoints(memberId: string, at: Date): Promise<number | null> {
    const { app } = world;
    const [reading] = await readProfiles(app.pool, at, (id) => app.brands.get(id)?.brand, [
      { tenant: 'main', memberId },
    ]);
    return reading instanceof Error || reading?.kind !== 'member'
      ? null
      : reading.profile.activePoints;
  }
});
