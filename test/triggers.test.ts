import { createHash, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Brand } from '../src/brand/brand.ts';
import { Triggers } from '../src/brand/triggers.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { brandsOf } from '../src/ledger/batch.ts';
import { forgetMessages } from '../src/message/rows/forget.ts';
import { transaction } from '../src/postgres/pool.ts';
import { dryRun } from '../src/trigger/dry-run.ts';
import { setTriggerPaused, takeDueCauses } from '../src/trigger/firings.ts';
import { scanOnce } from '../src/trigger/scan.ts';
import { bonusPosted } from '../templates/bonus-posted/template.ts';
import { openLibrary } from './library.ts';
import { backends, openWorld, type World } from './world.ts';

const failed = (): never => {
  throw new Error('is missing');
};
const hash = (text: string) => createHash('md5').update(text).digest('hex');

const confirmation = { tenant: 'main', brand: 'juniper', trigger: 'bonus-confirmation' };

const triggers = Triggers.parse({
  hour: 0,
  triggers: {
    'bonus-confirmation': {
      on: { event: 'bonus.granted' },
      when: [{ field: 'points', atLeast: 100 }],
      template: 'bonus-posted',
      data: { bonusId: '{event.bonusId}', name: 'A bonus', reason: '{event.reason}' },
    },
    'tier-reached': {
      on: { tierReached: true },
      template: 'tier-changed',
      data: { tierId: '{tier.id}', at: '{tier.at}' },
    },
    'points-lapse': {
      on: { pointsExpireWithinDays: 14 },
      template: 'points-expiring',
      data: { lastDay: '{points.lastDay}' },
    },
    greeting: { on: { birthday: true }, template: 'status-statement', data: {} },
  },
});

describe.each(backends())('S10, triggers on %s', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend, {
      templates: async () => {
        const set = await openLibrary();
        const juniper = set.brands.get('juniper');
        if (!juniper) throw new Error('there is no juniper');
        const brand: Brand = { ...juniper.brand, triggers };
        return { ...set, brands: new Map(set.brands).set('juniper', { ...juniper, brand }) };
      },
    });
  });
  afterAll(() => world.close());

  const tell = async (...events: readonly object[]) => {
    const results = await applyEvents(
      world.app.pool,
      'main',
      brandsOf(world.app.brands),
      events,
      world.now(),
    );
    for (const one of results) expect(one.kind).not.toBe('refused');
    return results;
  };
  const base = (type: string, memberId: string, at = world.now()) => ({
    source: 'loyalty',
    id: randomUUID(),
    type,
    memberId,
    at: at.toISOString(),
  });
  const enrol = async (
    more: object = {},
    at = new Date(world.now().getTime() - 10 * 86_400_000),
  ) => {
    const memberId = `m-${randomUUID()}`;
    await tell({
      ...base('member.enrolled', memberId, at),
      brand: 'juniper',
      membershipNumber: memberId,
      email: `${memberId}@example.com`,
      firstName: 'Ana',
      ...more,
    });
    return memberId;
  };
  type Firing = { trigger: string; state: string; reason: string | null; messageId: string | null };
  const firings = async (memberId: string): Promise<Firing[]> => {
    const { rows } = await world.app.pool.query<Firing>(
      `select trigger, state, reason, message_id as "messageId" from trigger_firings where member_id = $1 order by 1`,
      [memberId],
    );
    return rows;
  };
  const settled = async (memberId: string, trigger: string): Promise<Firing> => {
    for (let tries = 0; tries < 400; tries += 1) {
      // All its causes: the first may be through while the next still waits.
      const found = (await firings(memberId)).filter((one) => one.trigger === trigger);
      const [first] = found;
      if (first && found.every(({ state }) => state !== 'waiting')) return first;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${trigger} has not fired: ${JSON.stringify(await firings(memberId))}`);
  };
  const namesOf = async (memberId: string) =>
    (await firings(memberId)).map(({ trigger }) => trigger);
  const juniper = () => {
    const loaded = world.app.brands.get('juniper');
    if (!loaded) throw new Error('there is no juniper');
    return loaded.brand;
  };
  /** Until everything that was applied has been looked at. */
  const looked = async () => {
    for (let tries = 0; tries < 400; tries += 1) {
      const { rows } = await world.app.pool.query('select 1 from trigger_inbox limit 1');
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('the inbox is not worked off');
  };
  const bonus = (memberId: string, points: number, at?: Date) => ({
    ...base('bonus.granted', memberId, at),
    bonusId: `b-${randomUUID()}`,
    points,
    reason: 'visit',
  });

  it('a bonus granted by an event is confirmed without anybody asking for it', async () => {
    const member = await enrol();
    await tell(bonus(member, 250));
    const { messageId } = await settled(member, 'bonus-confirmation');
    const record = await world.settled(messageId ?? '');
    expect(record).toMatchObject({ state: 'sent', template: 'bonus-posted', memberId: member });
    const outcome = await world.outcomeOf(record);
    expect(outcome.mail?.text).toContain('250');
  });

  it('not where the event is not as its conditions say, nor for what is history', async () => {
    const member = await enrol();
    await tell(
      bonus(member, 99),
      bonus(member, 500, new Date(world.now().getTime() - 60 * 86_400_000)),
    );
    await looked();
    expect((await firings(member)).filter((one) => one.trigger === 'bonus-confirmation')).toEqual(
      [],
    );
  });

  it('what is told too late is skipped, and says so', async () => {
    const member = await enrol();
    await tell(bonus(member, 500, new Date(world.now().getTime() - 5 * 86_400_000)));
    expect(await settled(member, 'bonus-confirmation')).toMatchObject({
      state: 'skipped',
      reason: 'too-late',
    });
  });

  it('each cause makes one mail, however often and in whatever order its events come', async () => {
    const members = await Promise.all(Array.from({ length: 5 }, () => enrol()));
    const events = members.flatMap((member) => [
      bonus(member, 200),
      bonus(member, 300),
      bonus(member, 50),
    ]);
    const copies = [1, 2, 3, 4]
      .flatMap((round) => events.map((event) => ({ event, key: hash(`${round} ${event.id}`) })))
      .toSorted((one, other) => one.key.localeCompare(other.key))
      .map(({ event }) => event);
    for (let at = 0; at < copies.length; at += 4) await tell(...copies.slice(at, at + 4));
    await looked();
    for (const member of members) {
      await settled(member, 'bonus-confirmation');
      const { rows } = await world.app.pool.query<{ n: number }>(
        `select count(*)::int as n from messages where member_id = $1 and template = 'bonus-posted'`,
        [member],
      );
      expect(rows).toEqual([{ n: 2 }]);
    }
  });

  it('two events whose long names begin alike are two causes', async () => {
    const member = await enrol();
    const source = 's'.repeat(100);
    const long = (end: string) => ({ ...bonus(member, 200), source, id: 'e'.repeat(190) + end });
    await tell(long('-one'), long('-two'));
    await looked();
    await settled(member, 'bonus-confirmation');
    const { rows } = await world.app.pool.query<{ n: number }>(
      `select count(distinct message_id)::int as n from trigger_firings where member_id = $1 and state = 'fired'`,
      [member],
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  it('a tier that was reached is told once', async () => {
    const member = await enrol();
    const order = (total: number) => ({
      ...base('order.placed', member),
      orderId: randomUUID(),
      channel: 'online',
      currency: 'EUR',
      total,
      lines: [{ productId: 'mug', quantity: 1, unitPrice: total, fullPrice: true }],
    });
    const earned = {
      ...base('points.adjusted', member),
      points: 5_000,
      qualifyingPoints: 5_000,
      reason: 'transfer',
    };
    await tell(earned);
    const { messageId } = await settled(member, 'tier-reached');
    await tell(order(2_000), order(3_000));
    await looked();
    expect((await firings(member)).filter((one) => one.trigger === 'tier-reached')).toHaveLength(1);
    expect(await world.settled(messageId ?? '')).toMatchObject({
      template: 'tier-changed',
      state: 'sent',
    });
  });

  it('a profile that cannot be read is recorded as such, once a day, and is no reason to stop', async () => {
    const [broken, whole] = [await enrol(), await enrol()];
    await looked();
    const { pool } = world.app;
    const breakRow = (memberId: string) =>
      pool.query(
        `update laurel.profiles set document = '{"memberId": 7}' where tenant = 'main' and member_id = $1`,
        [memberId],
      );
    await breakRow(broken);
    // As if the row had been broken before an event of theirs was looked at.
    await pool.query(
      `insert into trigger_inbox (tenant, brand, member_id, source, id, type, at, document)
       values ('main', 'juniper', $1, 'loyalty', $2, 'order.placed', $3, '{}')`,
      [broken, randomUUID(), world.now()],
    );
    await looked();
    expect(await firings(broken)).toMatchObject([
      { trigger: 'tier-reached', state: 'skipped', reason: 'bad-profile', messageId: null },
    ]);
    const brandOf = brandsOf(world.app.brands);
    const { rows } = await pool.query<{ day: string }>(
      `select coalesce(max(day), '2000-01-01')::text as day from trigger_scans`,
    );
    const day = new Date(
      Math.max(Date.parse(rows[0]?.day ?? ''), world.now().getTime()) + 86_400_000 * 2,
    );
    for (let more = 1; more > 0;)
      more = await transaction(pool, (db) => scanOnce(db, 'main', juniper(), brandOf, day));
    expect((await firings(broken)).filter(({ reason }) => reason === 'bad-profile')).toHaveLength(
      3,
    );
    expect((await firings(whole)).filter(({ reason }) => reason === 'bad-profile')).toEqual([]);
  });

  it('holds while it is paused, and goes on', async () => {
    await setTriggerPaused(world.app.pool, confirmation, true);
    const member = await enrol();
    await tell(bonus(member, 400));
    await looked();
    const { pool } = world.app;
    const due = await transaction(pool, (db) => takeDueCauses(db, world.now(), 100));
    expect(due.filter((cause) => cause.memberId === member)).toEqual([]);
    expect(await firings(member)).toMatchObject([{ state: 'waiting' }]);
    expect(await setTriggerPaused(world.app.pool, confirmation, false)).toBe(true);
    expect(await settled(member, 'bonus-confirmation')).toMatchObject({ state: 'fired' });
  });

  it('states are looked at once a day: points that lapse, birthdays of those who agreed', async () => {
    const day = new Date(world.now().getTime() + 3 * 86_400_000);
    const in10Days = new Date(day.getTime() + 10 * 86_400_000);
    const birthday = `1990-${day.toISOString().slice(5, 10)}`;
    const [lapsing, later, greeted, silent] = [
      await enrol(),
      await enrol(),
      await enrol({ birthday }),
      await enrol({ birthday }),
    ];
    const lot = (member: string, expiresAt: Date) => ({
      ...base('points.earned', member),
      points: 120,
      expiresAt: expiresAt.toISOString(),
    });
    await tell(lot(lapsing, in10Days), lot(later, new Date(in10Days.getTime() + 40 * 86_400_000)), {
      ...base('consent.changed', greeted),
      purpose: 'birthday',
      granted: true,
    });
    const brandOf = brandsOf(world.app.brands);
    const look = async (now: Date) => {
      let seen = 0;
      for (let more = 1; more > 0; seen += more)
        more = await transaction(world.app.pool, (db) =>
          scanOnce(db, 'main', juniper(), brandOf, now),
        );
      return seen;
    };
    expect(await look(day)).toBeGreaterThan(4);
    expect(await look(new Date(day.getTime() + 60_000))).toBe(0);
    expect(await namesOf(lapsing)).toEqual(['points-lapse']);
    expect(await namesOf(later)).toEqual([]);
    expect(await namesOf(greeted)).toEqual(['greeting']);
    expect(await namesOf(silent)).toEqual([]);
    // The same lot the day after is the same cause.
    expect(await look(new Date(day.getTime() + 86_400_000))).toBeGreaterThan(4);
    expect(await namesOf(lapsing)).toEqual(['points-lapse']);
  });

  it('a dry run counts what was told, by independent query', async () => {
    const trigger = triggers.triggers['bonus-confirmation'] ?? failed();
    const { pool } = world.app;
    const member = await enrol();
    await tell(bonus(member, 700), { ...bonus(member, 800), reason: undefined });
    const since = new Date(world.now().getTime() - 30 * 86_400_000);
    // The stories' clock isn't the database's.
    await pool.query(
      `update laurel.events set applied_at = at + case when (document ->> 'points') = '300' then interval '3 days' else interval '1 hour' end
        where type = 'bonus.granted'`,
    );
    const ran = await dryRun(pool, 'main', juniper(), trigger, bonusPosted, since);
    const { rows } = await pool.query<{
      events: number;
      causes: number;
      late: number;
      bad: number;
    }>(
      `select count(*)::int as events,
         (count(*) filter (where (document ->> 'points')::int >= 100))::int as causes,
         (count(*) filter (where (document ->> 'points')::int >= 100 and applied_at - e.at > interval '48 hours'))::int as late,
         (count(*) filter (where (document ->> 'points')::int >= 100 and applied_at - e.at <= interval '48 hours' and document ->> 'reason' is null))::int as bad
       from laurel.events e join laurel.members m using (tenant, member_id)
       where e.type = 'bonus.granted' and e.at >= $1 and m.brand = 'juniper'`,
      [since],
    );
    const [{ events, causes, late, bad } = failed()] = rows;
    expect(events).toBeGreaterThan(15);
    expect(ran).toMatchObject({ events, causes, tooLate: late, wouldSend: causes - late - bad });
    expect([...ran.badData.values()].reduce((sum, n) => sum + n, 0)).toBe(bad);
    expect(bad).toBe(1);
    expect(late).toBeGreaterThan(2);
    expect(ran.wouldSend).toBeGreaterThan(5);
  });

  it('says no longer whose it was once the member is erased, and sends nothing more', async () => {
    await setTriggerPaused(world.app.pool, confirmation, true);
    const member = await enrol();
    await tell(bonus(member, 400));
    await looked();
    await forgetMessages(world.app.pool, 'main', member, []);
    await setTriggerPaused(world.app.pool, confirmation, false);
    expect(await firings(member)).toEqual([]);
    const { rows } = await world.app.pool.query(
      `select state, reason, facts, cause from trigger_firings where reason = 'erased'`,
    );
    expect(rows).toMatchObject([{ state: 'skipped', facts: null }]);
    expect(JSON.stringify(rows)).not.toContain(member);
  });
});
