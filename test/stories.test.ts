import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureNow } from '../fixtures/load.ts';
import type { MessageRequest } from '../queues/producer.ts';
import { addAudience } from '../src/campaign/audience.ts';
import { changeCampaign, createCampaign, findCampaign } from '../src/campaign/campaigns.ts';
import { campaignCounts } from '../src/campaign/counts.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { cancelSubjects } from '../src/message/rows/guards.ts';
import { transaction } from '../src/postgres/pool.ts';
import { backends, openWorld, type Outcome, type World } from './world.ts';

const sample = (brand: string, template: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8'));

/** A message of a brand's sample data to one of its personas. */
const to = (brand: string, memberId: string, template: string, data = {}): MessageRequest => ({
  template,
  brand,
  to: { memberId },
  data: { ...sample(brand, template), ...data },
});

const bodies = ({ mail }: Outcome) => `${mail?.subject}\n${mail?.html}\n${mail?.text}`;
const balance = ({ mail }: Outcome) => /([\d,]+) stars/.exec(mail?.text ?? '')?.[1];
const reminderIn = (ms: number): MessageRequest => ({
  ...to('juniper', 'hanna-vogel', 'bonus-reminder'),
  sendAt: new Date(Date.now() + ms).toISOString(),
});

describe.each(backends())('on %s, from enqueueing to the SMTP server', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend);
  });
  afterAll(() => world.close());

  it('S1: ten years without egg, meat or cheese: no breakfast sandwich, but something she does buy', async () => {
    const hanna = await world.send(to('juniper', 'hanna-vogel', 'order-confirmation'));
    expect(hanna.offers['breakfast-sandwich-half']).toBe('never-bought');
    expect(Object.values(hanna.offers)).toContain('shown');
    expect(bodies(hanna)).not.toMatch(/breakfast sandwich/i);
  });

  it('S1: where she said so herself, that is the reason', async () => {
    const mira = await world.send(to('juniper', 'mira-lind', 'order-confirmation'));
    expect(mira.offers['breakfast-sandwich-half']).toBe('preference-conflict');
    expect(bodies(mira)).not.toMatch(/sandwich/i);
  });

  it('S2: 12,400 miles to use toward this flight: spendable ones only, with the payable share', async () => {
    const ana = await world.send(to('kestrel', 'ana-keller', 'flight-booking'));
    expect(ana.blocks['points-banner']).toBe('shown');
    expect(ana.mail?.text).toContain('12,400 miles');
    expect(ana.mail?.text).toContain('€62.00');
    expect(ana.mail?.html).toContain('12,400');
  });

  it('S2: hidden below the minimum, and once the booking can no longer be paid with miles', async () => {
    const jonas = await world.send(to('kestrel', 'jonas-brandt', 'flight-booking'));
    expect(jonas.blocks['points-banner']).toBe('too-few-points');
    const fare = {
      total: 41800,
      currency: 'EUR',
      payable: 0,
      payableWithPoints: false,
      productId: 'flight-eco',
    };
    const paid = await world.send(to('kestrel', 'ana-keller', 'flight-booking', { fare }));
    expect(paid.blocks['points-banner']).toBe('not-payable');
    expect(paid.mail?.text).not.toContain('€62.00');
  });

  it('S3: names what Gold gives on this booking, and nothing the fare includes', async () => {
    const ana = await world.send(to('kestrel', 'ana-keller', 'flight-booking'));
    expect(ana.blocks['entitlements']).toBe('shown');
    expect(ana.mail?.text).toMatch(/free checked bag for you and (your|a) guest/);
    const withBag = await world.send(
      to('kestrel', 'ana-keller', 'flight-booking', { includes: ['checked-bag'] }),
    );
    expect(withBag.mail?.text).not.toMatch(/checked bag for you/);
  });

  it('S4: a coupon for the till is not for someone who only orders online, and the reverse', async () => {
    const tom = await world.send(to('juniper', 'tom-becker', 'order-confirmation'));
    expect(tom.offers['till-coffee-coupon']).toBe('wrong-channel');
    const greta = await world.send(to('juniper', 'greta-holm', 'order-confirmation'));
    expect(greta.offers['order-ahead-stars']).toBe('wrong-channel');
    expect(greta.offers['till-coffee-coupon']).toBe('shown');
  });

  it('S6: two mails within the hour show one balance', async () => {
    const first = await world.send(to('juniper', 'noah-reyes', 'order-confirmation'));
    const second = await world.send(
      to('juniper', 'noah-reyes', 'bonus-posted', { bonusId: 'none' }),
    );
    expect(balance(first)).toBeDefined();
    expect(balance(second)).toBe(balance(first));
  });

  it('S6: a guest and a suspended member get their receipt, and nothing that claims to know them', async () => {
    const guest = await world.send({
      ...to('juniper', '', 'order-confirmation'),
      to: { email: 'chris.lane@example.com' },
    });
    expect(guest.record.state).toBe('sent');
    expect(new Set(Object.values(guest.blocks))).toEqual(new Set(['not-a-member']));
    const viktor = await world.send(to('juniper', 'viktor-hale', 'order-confirmation'));
    expect(new Set(Object.values(viktor.blocks))).toEqual(new Set(['member-not-active']));
    expect(viktor.mail?.text).not.toContain('stars');
  });

  it('S10: the mail that confirms a bonus leaves by itself and says how much it is', async () => {
    const hanna = await world.send(to('juniper', 'hanna-vogel', 'bonus-posted'));
    expect(hanna.record.state).toBe('sent');
    expect(hanna.blocks['bonus']).toBe('shown');
    expect(hanna.mail?.text).toContain('50 stars');
  });

  it('S11: a reminder that was scheduled is decided when it is due: used meanwhile, it is not sent', async () => {
    const { id } = await world.app.producer.enqueue(reminderIn(1_500));
    expect((await world.settled(id, ['held'])).state).toBe('held');
    await applyEvents(world.app.pool, 'main', (brand) => world.app.brands.get(brand)?.brand, [
      {
        source: 'test',
        id: `use-${backend}`,
        at: fixtureNow.toISOString(),
        memberId: 'hanna-vogel',
        type: 'bonus.used',
        bonusId: 'advent-50',
      },
    ]);
    const record = await world.settled(id);
    expect(record).toMatchObject({ state: 'suppressed', reason: 'already-satisfied', tries: 0 });
    expect(world.sink.mails.some(({ messageId }) => messageId.startsWith(id))).toBe(false);
  });

  it('S12: a cancelled trip stops what is still waiting, also when it is cancelled after it was enqueued', async () => {
    const marco = await world.send(
      to('kestrel', 'marco-silva', 'trip-reminder', { bookingReference: 'K3XW8R' }),
    );
    expect(marco.record).toMatchObject({ state: 'suppressed', reason: 'subject-cancelled' });

    const { id } = await world.app.producer.enqueue({
      ...to('kestrel', 'ana-keller', 'trip-reminder', { bookingReference: 'LATER1' }),
      sendAt: new Date(Date.now() + 1_000).toISOString(),
    });
    await cancelSubjects(world.app.pool, 'main', ['trip:LATER1']);
    expect(await world.settled(id)).toMatchObject({
      state: 'suppressed',
      reason: 'subject-cancelled',
    });
  });

  it('S14: a receipt needs no consent, a promotional block inside it does', async () => {
    const ida = await world.send(to('juniper', 'ida-novak', 'order-confirmation'));
    expect(ida.record.state).toBe('sent');
    expect(ida.blocks).toMatchObject({ offers: 'no-marketing-consent', status: 'shown' });
    const rosa = await world.send(to('juniper', 'rosa-marin', 'order-confirmation'));
    expect(rosa.record).toMatchObject({ state: 'suppressed', reason: 'erased' });
  });

  it('S25: no discount on the mug she just bought at full price, nor on what does the same', async () => {
    const felix = await world.send(to('juniper', 'felix-arnold', 'order-confirmation'));
    expect(felix.offers['travel-mug-15']).toBe('just-bought');
    expect(felix.offers['keep-cup-20']).toBe('just-bought');
    expect(bodies(felix)).not.toMatch(/keep cup|travel mug/i);
  });

  it('S9: a year in review by campaign: figures for those with a year to tell, a thank-you for the others', async () => {
    const { pool } = world.app;
    const id = crypto.randomUUID();
    await createCampaign(pool, {
      id,
      tenant: 'main',
      brand: 'juniper',
      template: 'year-in-review',
      parameters: { year: 2026 },
      idempotencyKey: null,
    });
    const audience = ['noah-reyes', 'sam-doyle', 'ida-novak', 'rosa-marin', 'noah-reyes', 'nobody'];
    expect(await addAudience(pool, id, audience)).toBe(5);
    await transaction(pool, (db) => changeCampaign(db, 'main', id, 'running'));
    await world.sink.received(world.sink.mails.length + 2);
    const done = await untilDone(id);
    expect(done).toMatchObject({ state: 'done', cursor: 5 });

    const { rows } = await pool.query<{ id: string; member_id: string }>(
      'select id, member_id from messages where campaign_id = $1',
      [id],
    );
    const outcome = async (memberId: string) =>
      world.outcomeOf(
        await world.settled(rows.find((row) => row.member_id === memberId)?.id ?? ''),
      );
    const noah = await outcome('noah-reyes');
    expect(noah.record.state).toBe('sent');
    const sam = await outcome('sam-doyle');
    expect(sam.record.state).toBe('sent');
    expect(sam.mail?.text?.replaceAll(/https?:\S+/g, '')).not.toMatch(/\b0\b/);
    expect(await outcome('ida-novak')).toMatchObject({
      record: { state: 'suppressed', reason: 'no-marketing-consent' },
    });
    expect(await outcome('rosa-marin')).toMatchObject({
      record: { state: 'suppressed', reason: 'erased' },
    });
    expect((await outcome('nobody')).record.state).toBe('suppressed');
    expect((await campaignCounts(pool, id)).reduce((sum, { count }) => sum + count, 0)).toBe(5);
    for (const { mail } of [noah, sam]) {
      const headers = new Map(mail?.headers.map(({ key, value }) => [key, value]));
      expect(headers.get('list-unsubscribe')).toMatch(/^<https?:\/\//);
      expect(headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    }
  });

  async function untilDone(id: string) {
    for (;;) {
      const campaign = await findCampaign(world.app.pool, 'main', id);
      if (campaign?.state === 'done') return campaign;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
