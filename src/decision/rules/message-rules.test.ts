import { describe, expect, it } from 'vitest';

import { brand, facts, message, noon, receipt } from '../../../test/facts.ts';
import { blockRules, messageRules } from './index.ts';
import { ask } from './rule.ts';

type Changes = Parameters<typeof facts>[0];
const outcome = (changes: Changes) => {
  const { objection } = ask(messageRules, facts(changes));
  return objection ? `${objection.outcome}: ${objection.reason}` : 'send';
};
const commercial = { ...receipt, class: 'commercial' as const };
const suppression = { reason: 'hard-bounce' as const, at: noon, scope: 'all' as const };

it('asks in the order that is policy', () => {
  expect(messageRules.map(({ name }) => name)).toEqual([
    'address-suppressed',
    'erased',
    'subject-cancelled',
    'already-satisfied',
    'expired',
    'required-source',
    'marketing-consent',
    'topic-off',
    'member-in-good-standing',
    'not-due',
    'local-time',
    'quiet-hours',
    'after-event',
    'frequency-cap',
  ]);
});

it('sends a receipt, also without any consent (S14)', () => {
  expect(outcome({ member: { consents: {} } })).toBe('send');
});

describe('address-suppressed', () => {
  it('stops everything to a dead address', () => {
    expect(outcome({ suppression })).toBe('suppress: address-suppressed');
  });
  it('an unsubscribed address still gets receipts, and nothing commercial', () => {
    const unsubscribed = { reason: 'unsubscribe' as const, at: noon, scope: 'commercial' as const };
    expect(outcome({ suppression: unsubscribed })).toBe('send');
    expect(outcome({ suppression: unsubscribed, template: commercial })).toBe(
      'suppress: address-suppressed',
    );
  });
});

it('erased', () => {
  expect(outcome({ reading: { kind: 'erased' } })).toBe('suppress: erased');
});

it('subject-cancelled (S12)', () => {
  expect(outcome({ cancelled: new Map([['order:1', noon]]) })).toBe('suppress: subject-cancelled');
  expect(outcome({ cancelled: new Map([['order:2', noon]]) })).toBe('send');
});

it('already-satisfied: what the template says (S11)', () => {
  const template = { ...commercial, satisfied: () => ({ actual: 'used', needed: 'granted' }) };
  expect(outcome({ template })).toBe('suppress: already-satisfied');
});

it('expired and not due', () => {
  expect(outcome({ message: { ...message, expiresAt: noon } })).toBe('suppress: expired');
  expect(outcome({ message: { ...message, expiresAt: new Date(noon.getTime() + 1) } })).toBe(
    'send',
  );
  expect(outcome({ message: { ...message, sendAt: new Date(noon.getTime() + 1) } })).toBe(
    'hold: not-due',
  );
});

const awaited = (applied: boolean, waitedMs: number) =>
  ask(
    messageRules,
    facts({ awaited: { what: 'event 1 of pos', applied, waitedMs, waitMs: 30_000 } }),
  );

const looked = (applied: boolean, waitedMs: number) =>
  awaited(applied, waitedMs).steps.find(({ rule }) => rule === 'after-event');

const pauseOf = (waitedMs: number) => {
  const { objection } = awaited(false, waitedMs);
  return objection?.outcome === 'hold' ? objection.until.getTime() - noon.getTime() : null;
};

describe('after-event: read your writes (S26)', () => {
  it('holds until the ledger has the event, and looks again soon, but not ever more often', () => {
    expect(awaited(false, 0).objection).toMatchObject({ reason: 'waiting-for-event' });
    expect([0, 3_000, 20_000, 29_900].map(pauseOf)).toEqual([500, 1_500, 2_000, 100]);
  });
  it('goes when the event is there, and without it when the wait is over, and says so', () => {
    expect(looked(true, 0)).toMatchObject({ outcome: 'pass' });
    expect(looked(false, 30_000)).toMatchObject({
      outcome: 'pass',
      actual: 'went out without it after 30 s',
    });
  });
});

it('nothing commercial to a suspended or disputed account', () => {
  for (const memberStatus of ['suspended', 'disputed'] as const) {
    expect(outcome({ template: commercial, member: { memberStatus } })).toBe(
      'suppress: member-not-active',
    );
    expect(outcome({ member: { memberStatus } })).toBe('send');
  }
});

describe('what a member chose', () => {
  const at = noon.toISOString();
  const topics = [{ id: 'news', names: { en: 'News' }, templates: ['receipt'] }];
  const choosing = { ...brand, preferences: { topics } };
  const said = (granted: boolean) => ({ news: { granted, source: 'preference-page', at } });
  const mailing = (granted: boolean) => ({ topics: said(granted), frequency: 'all' as const });

  it('topic-off: only what is commercial and about that topic', () => {
    const off = { member: { mailing: mailing(false) }, brand: choosing };
    expect(outcome({ ...off, template: commercial })).toBe('suppress: topic-off');
    expect(outcome(off)).toBe('send');
    expect(outcome({ ...off, template: { ...commercial, name: 'other' } })).toBe('send');
    expect(outcome({ ...off, brand, template: commercial })).toBe('send');
    expect(
      outcome({ member: { mailing: mailing(true) }, brand: choosing, template: commercial }),
    ).toBe('send');
    expect(outcome({ brand: choosing, template: commercial })).toBe('send');
  });

  it.each([
    ['weekly', 6, 'suppress: frequency-capped'],
    ['weekly', 8, 'send'],
    ['monthly', 8, 'suppress: frequency-capped'],
    ['monthly', 31, 'send'],
    ['all', 1, 'send'],
  ] as const)(
    '%s, with a mail %d days ago, also one that is worth less: %s',
    (frequency, days, end) => {
      const sent = new Date(noon.getTime() - days * 86_400_000);
      const recent = [{ messageId: 'm', template: 'cheap', at: sent, hasTurn: true }];
      const sending = { caps: [], values: { cheap: 1, receipt: 99 }, domains: {} };
      const choice = {
        member: { mailing: { topics: {}, frequency } },
        brand: { ...brand, sending },
        timing: { campaign: null, recent },
      };
      expect(outcome({ ...choice, template: commercial })).toBe(end);
    },
  );
});

describe('marketing consent', () => {
  const refused = { marketing: { granted: false, source: 'app', at: noon.toISOString() } };
  const offers = { name: 'offers', content: 'promotional', membersOnly: true };
  const asked = (changes: Changes) =>
    ask(blockRules, { block: offers, facts: facts(changes) }).objection?.reason;

  it('a commercial message needs it; never asked is not granted', () => {
    expect(outcome({ template: commercial })).toBe('send');
    expect(outcome({ template: commercial, member: { consents: {} } })).toBe(
      'suppress: no-marketing-consent',
    );
    expect(outcome({ template: commercial, member: { consents: refused } })).toBe(
      'suppress: no-marketing-consent',
    );
  });
  it('so does a promotional block inside a receipt', () => {
    expect(asked({})).toBeUndefined();
    expect(asked({ member: { consents: refused } })).toBe('no-marketing-consent');
  });
  it.each([
    ['consent', false, undefined],
    ['existing-customer', undefined, 'no-marketing-consent'],
    ['existing-customer', false, 'no-marketing-consent'],
    ['existing-customer', true, undefined],
    ['contract', false, 'no-marketing-consent'],
    ['contract', true, 'no-marketing-consent'],
  ] as const)('rests on %s, with existing customers %s: %s', (basis, existing, reason) => {
    const marketing = { granted: true, source: 'till', at: noon.toISOString(), basis };
    expect(
      asked({
        member: { consents: { marketing } },
        ...(existing !== undefined && { brand: { ...brand, existingCustomers: existing } }),
      }),
    ).toBe(reason);
  });
  it('an unsubscribed address takes no promotion, whatever the profile says', () => {
    expect(asked({ suppression: { reason: 'unsubscribe', at: noon, scope: 'commercial' } })).toBe(
      'no-marketing-consent',
    );
  });
  it('loyalty content needs a member in good standing', () => {
    expect(asked({ member: { memberStatus: 'suspended' } })).toBe('member-not-active');
    const guest = {
      ...facts(),
      profile: null,
      reading: { kind: 'guest', why: 'unknown-address' } as const,
    };
    expect(ask(blockRules, { block: offers, facts: guest }).objection?.reason).toBe('not-a-member');
  });
});
