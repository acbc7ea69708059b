import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyEvents } from '../src/ledger/apply.ts';
import { brandsOf } from '../src/ledger/batch.ts';
import { transaction } from '../src/postgres/pool.ts';
import { triggersOf } from '../src/trigger/causes.ts';
import { fireDue } from '../src/trigger/fire.ts';
import { scanOnce } from '../src/trigger/scan.ts';
import { openWorld, type World } from './world.ts';

/** What each of a brand's triggers sends. */
const expected: Record<string, Record<string, string>> = {
  halden: {
    welcome: 'welcome',
    'bonus-confirmation': 'bonus-posted',
    'tier-reached': 'tier-changed',
    'points-lapse': 'points-expiring',
  },
  marlowe: {
    welcome: 'welcome',
    'bonus-confirmation': 'bonus-posted',
    'bonus-unused': 'bonus-reminder',
    'tier-reached': 'tier-changed',
    'points-lapse': 'points-expiring',
  },
};
const dayMs = 86_400_000;

describe('the fictional brands’ own triggers', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('postgres', { fixtures: false });
  });
  afterAll(() => world.close());

  it('are those of brands whose people are in no test and no demo of something else', () => {
    const having = [...world.app.brands.values()]
      .filter(({ brand }) => brand.triggers)
      .map(({ brand }) => brand.id);
    expect(having.toSorted()).toEqual(Object.keys(expected));
  });

  it.each(Object.keys(expected))(
    'each of %s’s makes one true mail, however often its event is told',
    async (id) => {
      const { app } = world;
      const brand = app.brands.get(id)?.brand;
      if (!brand) throw new Error(`there is no ${id}`);
      expect(
        Object.fromEntries(triggersOf(brand).map(([name, { template }]) => [name, template])),
      ).toEqual(expected[id]);

      const memberId = `m-${randomUUID()}`;
      const at = world.now();
      const base = (type: string) => ({
        source: 'loyalty',
        id: randomUUID(),
        type,
        memberId,
        at: at.toISOString(),
      });
      const until = (days: number) => new Date(at.getTime() + days * dayMs).toISOString();
      const told = [
        {
          ...base('member.enrolled'),
          brand: id,
          membershipNumber: memberId,
          email: `${memberId}@example.com`,
          firstName: 'Ana',
        },
        { ...base('consent.changed'), purpose: 'marketing', granted: true },
        {
          ...base('bonus.granted'),
          bonusId: 'a-bonus',
          points: 137,
          reason: 'visit',
          useBy: until(60),
        },
        { ...base('points.earned'), points: 41, expiresAt: until(10) },
        {
          ...base('points.adjusted'),
          points: 9_000,
          qualifyingPoints: 9_000,
          reason: 'transfer',
        },
      ];
      for (const events of [told, told, told.toReversed()]) {
        const results = await applyEvents(app.pool, 'main', brandsOf(app.brands), events, at);
        for (const one of results) expect(one.kind).not.toBe('refused');
      }
      // What waits is made in turn; what follows from a state, at the next day's look.
      const later = new Date(at.getTime() + 15 * dayMs);
      const brandOf = brandsOf(app.brands);
      await expect
        .poll(async () => (await app.pool.query('select from trigger_inbox')).rowCount, {
          timeout: 20_000,
        })
        .toBe(0);
      const tomorrow = new Date(at.getTime() + dayMs);
      for (let more = 1; more > 0;)
        more = await transaction(app.pool, (db) => scanOnce(db, 'main', brand, brandOf, tomorrow));
      for (const now of [tomorrow, later])
        for (let more = 1; more > 0;)
          more = await transaction(app.pool, (db) =>
            fireDue(db, app, (one) => app.brands.get(one)?.brand, now),
          );

      const { rows } = await app.pool.query<{ trigger: string; state: string; messageId: string }>(
        `select trigger, state, message_id as "messageId" from trigger_firings where member_id = $1`,
        [memberId],
      );
      expect(rows.map(({ trigger, state }) => `${trigger} ${state}`).toSorted()).toEqual(
        Object.keys(expected[id] ?? {})
          .map((name) => `${name} fired`)
          .toSorted(),
      );
      const texts: Record<string, string> = {};
      for (const { trigger, messageId } of rows) {
        const record = await world.settled(messageId);
        expect(record).toMatchObject({ state: 'sent', template: expected[id]?.[trigger] });
        texts[trigger] = (await world.outcomeOf(record)).mail?.text ?? '';
      }
      expect(texts['bonus-confirmation']).toContain('137');
      expect(texts['tier-reached']).toContain(brand.programme.tiers.at(-1)?.name);
      const { rows: messages } = await app.pool.query(
        'select from messages where member_id = $1 group by template having count(*) > 1',
        [memberId],
      );
      expect(messages).toEqual([]);
    },
    60_000,
  );
});
