import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { backends, openWorld, type Outcome, type World } from './world.ts';

const sample = (brand: string, template: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8'));

const receiptOf = (memberId: string, more: Partial<MessageRequest> = {}): MessageRequest => ({
  template: 'order-confirmation',
  brand: 'juniper',
  to: { memberId },
  data: sample('juniper', 'order-confirmation'),
  ...more,
});

const starsIn = ({ mail }: Outcome) => /([\d,]+) stars? to spend/.exec(mail?.text ?? '')?.[1];
const number = (text: string | undefined) => Number(text?.replaceAll(',', ''));
const afterStep = ({ record }: Outcome) =>
  record.decision?.steps.find(({ rule }) => rule === 'after-event');

describe.each(backends())('on %s', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend);
  }, 120_000);
  afterAll(() => world.close());

  const apply = async (...events: object[]) => {
    const results = await applyEvents(
      world.app.pool,
      'main',
      (id) => world.app.brands.get(id)?.brand,
      events,
    );
    expect(results.map(({ kind }) => kind)).toEqual(events.map(() => 'applied'));
    return results;
  };
  const earned = (id: string, memberId: string, points = 25) => ({
    source: 'pos',
    id,
    at: world.now().toISOString(),
    memberId,
    type: 'points.earned',
    points,
    ref: id,
  });

  describe('S26: the points of this very purchase are in this very mail', () => {
    it('held until the event is applied, then sent at once with the new balance, at no try', async () => {
      const before = await world.send(receiptOf('noah-reyes'));
      const { id } = await world.app.producer.enqueue(
        receiptOf('noah-reyes', { after: { source: 'pos', eventId: 'late' } }),
      );
      const held = await world.settled(id, ['held']);
      expect(held).toMatchObject({ reason: 'waiting-for-event', tries: 0 });
      await apply(earned('late', 'noah-reyes'));
      const sent = await world.outcomeOf(await world.settled(id));
      expect(sent.record).toMatchObject({ state: 'sent', tries: 0 });
      expect(afterStep(sent)).toMatchObject({
        outcome: 'pass',
        actual: 'event late of pos is applied',
      });
      expect(number(starsIn(sent))).toBe(number(starsIn(before)) + 25);
    });

    it('already there: nothing waits', async () => {
      await apply(earned('early', 'tom-becker'));
      const sent = await world.send(
        receiptOf('tom-becker', { after: { source: 'pos', eventId: 'early', waitSeconds: 3_600 } }),
      );
      expect(sent.record.state).toBe('sent');
      expect(starsIn(sent)).toBeDefined();
    });

    it('by ledger version, as applying the event answered it', async () => {
      const [first] = await apply(earned('version', 'lena-krause'));
      const version = first?.kind === 'applied' ? first.ledgerVersion : 0;
      const next = { ledgerVersion: version + 1, waitSeconds: 3_600 };
      const { id } = await world.app.producer.enqueue(receiptOf('lena-krause', { after: next }));
      expect(await world.settled(id, ['held'])).toMatchObject({ reason: 'waiting-for-event' });
      await apply(earned('version-2', 'lena-krause'));
      expect((await world.settled(id)).decision?.basis.ledgerVersion).toBe(version + 1);
    });

    it('S6: never applied: no old balance, "being added" instead, and a later mail does not contradict it', async () => {
      const first = await world.send(receiptOf('greta-holm'));
      const second = await world.send(
        receiptOf('greta-holm', { after: { source: 'pos', eventId: 'slow', waitSeconds: 1 } }),
      );
      expect(starsIn(first)).toBeDefined();
      expect(second.record.state).toBe('sent');
      expect(afterStep(second)).toMatchObject({
        outcome: 'pass',
        actual: 'went out without it after 1 s',
      });
      const text = `${second.mail?.html} ${second.mail?.text}`;
      expect(text).toContain('Stars from this order are being added');
      expect(text).not.toContain(`${starsIn(first)} stars`);
      expect(starsIn(second)).toBeUndefined();
      await apply(earned('slow', 'greta-holm'));
      const third = await world.send(
        receiptOf('greta-holm', { after: { source: 'pos', eventId: 'slow' } }),
      );
      expect(number(starsIn(third))).toBe(number(starsIn(first)) + 25);
    });

    it('a wait that names nothing usable is refused by its field', async () => {
      await expect(
        world.app.producer.enqueue(receiptOf('greta-holm', { after: { eventId: 'x' } })),
      ).rejects.toMatchObject({ problems: [{ path: 'after.source' }] });
      await expect(
        world.app.producer.enqueue(receiptOf('greta-holm', { after: {} })),
      ).rejects.toMatchObject({ problems: [{ path: 'after.eventId' }] });
    });
  });
});
