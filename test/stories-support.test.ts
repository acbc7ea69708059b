import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readCatalogue } from '../fixtures/load.ts';
import type { MessageRequest } from '../queues/producer.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { brandsOf } from '../src/ledger/batch.ts';
import { saveCatalogue } from '../src/ledger/catalogue/catalogue.ts';
import { forgetSignals } from '../src/ledger/figures/signals.ts';
import { rebuild } from '../src/ledger/rebuild/rebuild.ts';
import { findMember } from '../src/members/find.ts';
import { affectedOf, eraseMember, exportOf, viewMember } from '../src/members/members.ts';
import { transaction } from '../src/postgres/pool.ts';
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
    // A scale, and a lamp for it: for those who own the one and look around among such things.
    const { products, offers } = await readCatalogue('juniper');
    const lamp = {
      ...offers[0],
      offerId: 'scale-lamp',
      kind: 'discount' as const,
      title: { en: 'A lamp for your scale' },
      body: { en: 'Clips on.' },
      productIds: [],
      categories: [],
      channels: [],
      tiers: [],
      introduces: true,
      priority: 99,
      startsAt: '2026-01-01T00:00:00Z',
      endsAt: '2027-01-01T00:00:00Z',
      url: 'https://www.juniper.example/lamp',
      brand: 'juniper',
      requires: {
        owns: { productIds: ['scale'], categories: [] },
        interest: 'electronics',
        signal: 'location' as const,
      },
    };
    const scale = {
      productId: 'scale',
      name: { en: 'Brewing scale' },
      category: 'electronics',
      attributes: [],
    };
    await saveCatalogue(world.app.pool, 'main', 'juniper', {
      products: [...products, scale],
      offers: [...offers, lamp],
    });
  });
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
  const told = (memberId: string, type: string, fields: object = {}) => ({
    source: 'pos',
    id: crypto.randomUUID(),
    at: world.now().toISOString(),
    memberId,
    type,
    ...fields,
  });
  const enrolled = (memberId: string, firstName: string) =>
    told(memberId, 'member.enrolled', {
      brand: 'juniper',
      membershipNumber: `N-${memberId}`,
      email: `${memberId}@mail.example`,
      firstName,
    });
  const consent = (memberId: string, purpose: string, granted: boolean) =>
    told(memberId, 'consent.changed', { purpose, granted, proof: 'form 7' });
  const bought = (memberId: string, fields: object = {}) =>
    told(memberId, 'order.placed', {
      orderId: crypto.randomUUID(),
      channel: 'store',
      store: 'Torstrasse',
      currency: 'EUR',
      total: 4_900,
      lines: [{ productId: 'scale', quantity: 1, unitPrice: 4_900, fullPrice: true }],
      ...fields,
    });
  const found = async (memberId: string) => {
    const member = await findMember(world.app.pool, 'main', { by: 'memberId', value: memberId });
    if (!member) throw new Error(`no member ${memberId}`);
    return { tenant: 'main', member, actor: 'test' };
  };
  const viewOf = async (memberId: string) =>
    viewMember(world.app, await found(memberId), { full: false });

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

    it('by the version that an event of her other account answered, as soon as it is in', async () => {
      await apply(enrolled('kim', 'Kim'), enrolled('kim2', 'Kim'));
      await apply(...[1, 2, 3].map((n) => earned(`kim-${n}`, 'kim2')));
      await apply(told('kim', 'members.merged', { otherMemberId: 'kim2', reason: 'asked' }));
      const [last] = await apply(earned('kim-last', 'kim2'));
      const ledgerVersion = last?.kind === 'applied' ? last.ledgerVersion : 0;
      const sent = await world.send(
        receiptOf('kim2', { after: { ledgerVersion, waitSeconds: 3_600 } }),
      );
      expect(number(starsIn(sent))).toBe(100);
      expect(sent.record.decision?.basis.ledgerVersion).toBe(ledgerVersion);
    });

    it('by a version of two accounts that were parted since: waits as long as it may, not for ever', async () => {
      await apply(enrolled('lou', 'Lou'), enrolled('lou2', 'Lou'));
      await apply(...[1, 2, 3].map((n) => earned(`lou-${n}`, 'lou')));
      await apply(told('lou', 'members.merged', { otherMemberId: 'lou2', reason: 'asked' }));
      const [last] = await apply(earned('lou-last', 'lou2'));
      const ledgerVersion = last?.kind === 'applied' ? last.ledgerVersion : 0;
      await apply(told('lou', 'members.unmerged', { otherMemberId: 'lou2', reason: 'no' }));
      const parted = await world.send(
        receiptOf('lou2', { after: { ledgerVersion, waitSeconds: 1 } }),
      );
      expect(parted.record).toMatchObject({ state: 'sent' });
      expect(parted.record.decision?.basis.ledgerVersion).toBeLessThan(ledgerVersion);
      expect(afterStep(parted)).toMatchObject({ actual: 'went out without it after 1 s' });
    });

    it('a wait that names nothing usable is refused by its field', async () => {
      await expect(
        world.app.producer.enqueue(receiptOf('greta-holm', { after: { eventId: 'x' } })),
      ).rejects.toMatchObject({ problems: [{ path: 'after.source' }] });
      await expect(
        world.app.producer.enqueue(receiptOf('greta-holm', { after: {} })),
      ).rejects.toMatchObject({ problems: [{ path: 'after.eventId' }] });
      const both = { source: 'pos', eventId: 'x', ledgerVersion: 3 };
      await expect(
        world.app.producer.enqueue(receiptOf('greta-holm', { after: both })),
      ).rejects.toMatchObject({ problems: [{ path: 'after.ledgerVersion' }] });
    });
  });

  it('S5: an app order for pick-up in store informs what comes after it', async () => {
    const before = await world.send(receiptOf('greta-holm'));
    expect(before.offers['order-ahead-stars']).toBe('wrong-channel');
    await apply(
      bought('greta-holm', { channel: 'app', store: 'Rosenthaler Platz' }),
      bought('greta-holm', { channel: 'app', store: 'Rosenthaler Platz' }),
    );
    const { rows } = await world.app.pool.query(
      `select document -> 'channels' -> 'app' ->> 0 as times, document ->> 'preferredStore' as store
         from laurel.profiles where member_id = 'greta-holm'`,
    );
    expect(rows).toEqual([{ times: '2', store: 'Rosenthaler Platz' }]);
    const after = await world.send(receiptOf('greta-holm'));
    expect(after.offers['order-ahead-stars']).not.toBe('wrong-channel');
    expect(after.mail?.text).toMatch(/pick up|pick-up|ready for you/i);
    expect((await viewOf('greta-holm')).summary.join(' ')).toMatch(
      /by app \(Rosenthaler Platz\) just now/,
    );
  });

  it('S13: two accounts linked by mistake: nothing of one to the other, and the wrong mails are listed', async () => {
    await apply(enrolled('ada', 'Ada'), enrolled('eve', 'Eve'));
    await apply(earned('ada-1', 'ada', 70), earned('eve-1', 'eve', 900));
    const own = await world.send(receiptOf('ada'));
    expect(number(starsIn(own))).toBe(70);
    await apply(told('ada', 'members.merged', { otherMemberId: 'eve', reason: 'same phone' }));
    const wrong = await world.send(receiptOf('ada'));
    expect(number(starsIn(wrong))).toBe(970);

    await apply(told('ada', 'link.disputed', { otherMemberId: 'eve', reason: 'two people' }));
    const disputed = await world.send(receiptOf('ada'));
    expect(disputed.mail?.text).not.toMatch(/stars to spend|Ada|Eve/);
    await apply(told('ada', 'members.unmerged', { otherMemberId: 'eve', reason: 'two people' }));
    expect(number(starsIn(await world.send(receiptOf('ada'))))).toBe(70);
    expect(number(starsIn(await world.send(receiptOf('eve'))))).toBe(900);

    const listed = await affectedOf(world.app, await found('eve'), { limit: 10 });
    expect(listed.map(({ id }) => id)).toEqual([disputed.record.id, wrong.record.id]);
    expect(listed[1]).toMatchObject({
      sentTo: 'ada@mail.example',
      profileOf: 'ada',
      wrongAccount: 'eve',
      claims: { firstName: 'Ada', activePoints: 970, tier: expect.any(String) },
    });
    // Sent while it was in doubt: it claims nothing.
    expect(listed[0]?.claims).toMatchObject({ firstName: null, activePoints: null, tier: null });
  });

  it('S14: her consents with their proof, all her data in one document, and its end', async () => {
    await apply(enrolled('ines', 'Ines'), consent('ines', 'marketing', true));
    const receipt = await world.send(receiptOf('ines'));
    expect(receipt.record.state).toBe('sent');
    const member = await found('ines');
    const data = await exportOf(world.app, member);
    expect(data).toMatchObject({
      consents: [{ purpose: 'marketing', granted: true, proof: 'form 7' }],
      messages: [{ id: receipt.record.id, sent_to: 'ines@mail.example' }],
    });
    await eraseMember(world.app, member);
    expect(await world.settled(receipt.record.id)).toMatchObject({
      state: 'sent',
      sentTo: null,
      decision: null,
    });
    expect((await world.send(receiptOf('ines'))).record).toMatchObject({ reason: 'erased' });
    const asGuest = { ...receiptOf(''), to: { email: 'INES@mail.example' } };
    expect((await world.send(asGuest)).record).toMatchObject({ reason: 'address-suppressed' });
  });

  it('S14: a consent that is withdrawn while a mail waits is withdrawn when it leaves, in receipts and else', async () => {
    await apply(
      enrolled('jule', 'Jule'),
      consent('jule', 'marketing', true),
      bought('jule', { lines: [{ productId: 'oat-latte', unitPrice: 450, fullPrice: true }] }),
    );
    expect((await world.send(receiptOf('jule'))).blocks['offers']).toBe('shown');
    const after = { source: 'pos', eventId: 'withdrawn', waitSeconds: 3_600 };
    const early: MessageRequest = {
      template: 'early-access',
      brand: 'juniper',
      to: { memberId: 'jule' },
      data: sample('juniper', 'early-access'),
    };
    const waiting = [
      await world.app.producer.enqueue(receiptOf('jule', { after })),
      await world.app.producer.enqueue({ ...early, after }),
    ];
    for (const { id } of waiting) await world.settled(id, ['held']);
    await apply({ ...consent('jule', 'marketing', false), id: 'withdrawn' });
    const [receipt, commercial] = await Promise.all(
      waiting.map(async ({ id }) => world.outcomeOf(await world.settled(id))),
    );
    expect(receipt?.record.state).toBe('sent');
    expect(receipt?.blocks['offers']).toBe('no-marketing-consent');
    expect(commercial?.record).toMatchObject({
      state: 'suppressed',
      reason: 'no-marketing-consent',
    });
  });

  it('S21: an accessory for what she owns, where she looks around; without consent the signal is not read', async () => {
    for (const [memberId, granted] of [
      ['olga', true],
      ['pina', false],
    ] as const) {
      const signal = { kind: 'location', category: 'electronics', store: 'Torstrasse' };
      await apply(
        enrolled(memberId, 'O'),
        consent(memberId, 'marketing', true),
        bought(memberId),
        told(memberId, 'signal.observed', signal),
        told(memberId, 'signal.observed', signal),
      );
      if (granted) await apply(consent(memberId, 'location', true));
    }
    expect((await world.send(receiptOf('olga'))).offers['scale-lamp']).toBe('shown');
    expect((await world.send(receiptOf('pina'))).offers['scale-lamp']).toBe('no-signal-consent');
    const interestsOf = async (memberId: string) =>
      (
        await world.app.pool.query<{ interests: unknown }>(
          `select document -> 'interests' as interests from laurel.profiles where member_id = $1`,
          [memberId],
        )
      ).rows[0]?.interests;
    expect(await interestsOf('olga')).toMatchObject({
      electronics: { source: 'location', count: 2 },
    });
    expect(await interestsOf('pina')).toBeNull();

    const { brands, pool } = world.app;
    const tomorrow = new Date(world.now().getTime() + 86_400_000);
    const gone = await transaction(pool, (db) => forgetSignals(db, brandsOf(brands), tomorrow, 10));
    expect(gone).toBe(4);
    expect(await interestsOf('olga')).toBeNull();
    for await (const { differences } of rebuild(pool, 'main', brandsOf(brands), {
      memberIds: ['olga', 'pina'],
      store: false,
    }))
      expect(differences).toEqual([]);
    await apply(
      told('olga', 'signal.observed', { kind: 'location', category: 'electronics' }),
      consent('olga', 'location', false),
    );
    expect(await interestsOf('olga')).toBeNull();
    expect((await world.send(receiptOf('olga'))).offers['scale-lamp']).toBe('no-signal-consent');
  });

  it('S27: support sees her, and what became of her mail, in one call', async () => {
    await apply(enrolled('rhea', 'Rhea'), bought('rhea', { pointsEarned: { points: 49 } }));
    await world.send(receiptOf('rhea'));
    const view = await viewOf('rhea');
    expect(view.summary).toContain('Bought Brewing scale in store (Torstrasse) just now.');
    expect(view.points?.active).toBe(49);
    expect(view.messages).toMatchObject([
      { state: 'sent', says: expect.stringMatching(/^Sent at/), to: 'r***@mail.example' },
    ]);
  });
});
