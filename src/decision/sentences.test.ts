import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Finding } from '../contract/decision.ts';
import { type Fact, factText, plainNames } from '../contract/fact-text.ts';
import { type Reason, reasons } from '../contract/reasons.ts';
import { flipSentence, partSentence, reasonSentence, stepSentence } from './sentences.ts';

type Example = { readonly finding: Pick<Finding, 'actual' | 'needed'>; readonly says: string };

/** As they are read. */
const examples = {
  'address-suppressed': {
    finding: {
      actual: { reason: 'hard-bounce', since: '2026-05-01T08:00:00Z', scope: 'all' },
      needed: null,
    },
    says: 'The address is on the suppression list (hard bounce), since 2026-05-01.',
  },
  erased: {
    finding: { actual: 'erased', needed: 'a member who was not erased' },
    says: 'The member asked to be forgotten.',
  },
  'subject-cancelled': {
    finding: {
      actual: { subject: 'trip:K7PQ2M', cancelledAt: '2026-05-01T08:00:00Z' },
      needed: 'not cancelled',
    },
    says: 'trip:K7PQ2M was cancelled on 2026-05-01.',
  },
  'already-satisfied': {
    finding: {
      actual: { state: 'used', usedAt: '2026-05-01T08:00:00Z' },
      needed: { state: 'granted' },
    },
    says: 'What it reminds of is already used.',
  },
  expired: {
    finding: { actual: '2026-05-02T08:00:00Z', needed: 'before 2026-05-01T08:00:00Z' },
    says: 'It was too late: the message was wanted before 2026-05-01T08:00:00Z.',
  },
  'no-marketing-consent': {
    finding: {
      actual: { granted: false, source: 'web-form', at: '2026-05-01T08:00:00Z' },
      needed: { granted: true },
    },
    says: 'Marketing consent is not granted since 2026-05-01 (web-form).',
  },
  'never-bought': {
    finding: {
      actual: { bought: ['coffee'] },
      needed: { boughtOneOf: ['breakfast with egg/cheese/meat', 'salad'] },
    },
    says: 'The member never bought breakfast with egg/cheese/meat or salad.',
  },
  'preference-conflict': {
    finding: {
      actual: { avoids: 'egg', because: 'vegan' },
      needed: 'nothing the member said to avoid',
    },
    says: 'The member avoids egg (vegan), as stated in the preferences.',
  },
  'already-redeemed': {
    finding: { actual: 1, needed: 'fewer than 1' },
    says: 'The member redeemed it once; fewer than 1 is needed.',
  },
  'bonus-used': {
    finding: { actual: { state: 'used', usedAt: null, useBy: null }, needed: 'granted and unused' },
    says: 'The bonus is used.',
  },
  'bonus-not-granted': {
    finding: { actual: null, needed: 'granted and unused' },
    says: 'The member was not given this bonus.',
  },
  'just-bought': {
    finding: {
      actual: { productId: 'mug', boughtAt: '2026-05-01T08:00:00Z', fullPrice: true },
      needed: 'none within 30 days',
    },
    says: 'The member bought mug at full price on 2026-05-01 and could still return it.',
  },
  'wrong-channel': {
    finding: { actual: ['online', 'app'], needed: ['store'] },
    says: 'It can be used by store; the member has only used online and app.',
  },
  'not-relevant': {
    finding: { actual: { owns: 'none of them' }, needed: { owns: ['camera', 'lens'] } },
    says: 'The member has none of what it goes with: camera or lens.',
  },
  'no-signal-consent': {
    finding: { actual: null, needed: ['location'] },
    says: 'It goes by what is only read with consent to location.',
  },
  'outside-dates': {
    finding: {
      actual: '2026-09-01T08:00:00Z',
      needed: { from: '2026-05-01T00:00:00Z', before: '2026-06-01T00:00:00Z' },
    },
    says: 'It runs from 2026-05-01 until 2026-06-01.',
  },
  'tier-not-eligible': {
    finding: { actual: 'green', needed: ['gold', 'reserve'] },
    says: 'It is for gold or reserve; the member is green.',
  },
  'usage-limit': {
    finding: { actual: 500, needed: 500 },
    says: 'All of them are taken: 500 redeemed, of 500.',
  },
  'not-a-member': {
    finding: { actual: 'address-not-linked', needed: 'a member whose own address this is' },
    says: 'The address is not this member’s own.',
  },
  'member-not-active': {
    finding: { actual: 'disputed', needed: 'active' },
    says: 'The membership is disputed.',
  },
  'too-few-points': {
    finding: { actual: 40, needed: 500 },
    says: '40 points, 500 needed.',
  },
  'not-payable': {
    finding: { actual: 120, needed: 500 },
    says: 'Only 120 points could be used here, 500 needed.',
  },
  'other-currency': {
    finding: { actual: 'USD', needed: 'EUR' },
    says: 'The purchase is in USD; points pay in EUR.',
  },
  'not-entitled': {
    finding: { actual: 'green', needed: ['gold'] },
    says: 'green has no benefit on this purchase.',
  },
  'already-included': {
    finding: { actual: ['checked-bag'], needed: 'something the purchase does not include' },
    says: 'The purchase already includes what the tier would give.',
  },
  'nothing-to-show': {
    finding: { actual: 0, needed: 'an offer that passes every rule' },
    says: 'There was nothing to show; it needs an offer that passes every rule.',
  },
  'bad-link': {
    finding: {
      actual: 'javascript:alert(1)',
      needed: 'an address with http, https or mailto',
    },
    says: 'It leads to javascript:alert(1), where no mail may lead; it needs an address with http, https or mailto.',
  },
  'not-in-template-data': {
    finding: { actual: null, needed: 'a purchase in the data' },
    says: "The message's data has no such thing; it needs a purchase in the data.",
  },
  'too-little-affinity': {
    finding: { actual: { category: 'activewear', affinity: 0.3 }, needed: { affinity: 0.5 } },
    says: 'The member does not buy that kind of thing often enough: category activewear, affinity 0.3, affinity 0.5 needed.',
  },
  'below-the-first': {
    finding: { actual: 4, needed: 'one of the first 3' },
    says: 'Others suit better, and a mail shows only the first few.',
  },
  'not-known-now': {
    finding: { actual: ['platform: no answer in 2 s'], needed: 'activePoints' },
    says: 'Not known now: active points (platform: no answer in 2 s).',
  },
  'too-old': {
    finding: { actual: { asOf: '2026-05-04T14:05:00Z' }, needed: 'facts of the last 300 seconds' },
    says: 'What it shows is too old, as of 2026-05-04 14:05 UTC; it needs facts of the last 300 seconds.',
  },
  'not-due': {
    finding: { actual: '2026-05-01T08:00:00Z', needed: 'from 2026-05-02T08:00:00Z' },
    says: 'It is not due yet: it goes out from 2026-05-02T08:00:00Z.',
  },
  'local-time': {
    finding: {
      actual: { zone: 'Europe/Berlin', now: '2026-12-01T07:00:00.000Z' },
      needed: { date: '2026-12-01', time: '09:00' },
    },
    says: 'It waits for 09:00 on 2026-12-01 where the member is (Europe/Berlin).',
  },
  'quiet-hours': {
    finding: {
      actual: { zone: 'Europe/Berlin', now: '2026-12-01T22:00:00.000Z' },
      needed: { from: '21:00', to: '08:00' },
    },
    says: 'It is a quiet hour where the member is (Europe/Berlin): nothing commercial goes from 21:00 to 08:00.',
  },
  'topic-off': {
    finding: {
      actual: { topic: 'offers', at: '2026-05-04T10:00:00.000Z', source: 'preference-page' },
      needed: 'a topic that is on',
    },
    says: 'The member switched off mails about offers on 2026-05-04.',
  },
  'frequency-capped': {
    finding: {
      actual: { mails: 2, templates: ['early-access', 'year-in-review'] },
      needed: { fewerThan: 2, inDays: 7 },
    },
    says: 'The member gets 2 commercial mails already (early-access and year-in-review); at most 2 go in 7 days.',
  },
  'no-coupon-left': {
    finding: { actual: 'empty', needed: 'a code of its pool' },
    says: 'No code is left in the pool of the offer.',
  },
  'waiting-for-event': {
    finding: {
      actual: 'not applied; waited 4 s of 30 s',
      needed: 'event 1001 of shop applied',
    },
    says: 'It waits for event 1001 of shop: not applied; waited 4 s of 30 s.',
  },
} satisfies Partial<Record<Reason, Example>>;
const isReason = (text: string): text is Reason => text in reasons;
const codes = Object.keys(reasons).filter(isReason);

describe('every reason has a plain sentence', () => {
  it.each(Object.entries(examples))('%s', (reason, { finding, says }) => {
    expect(isReason(reason) && reasonSentence(reason, finding)).toBe(says);
  });

  it('whatever facts an older decision was stored with', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const fact: fc.Arbitrary<Fact> = fc.oneof(
      scalar,
      fc.array(scalar),
      fc.dictionary(fc.constantFrom('reason', 'at', 'state', 'subject', 'boughtOneOf'), scalar),
    );
    fc.assert(
      fc.property(fc.constantFrom(...codes), fact, fact, (reason, actual, needed) => {
        const sentence = reasonSentence(reason, { actual, needed });
        expect(sentence).toMatch(/\.$/s);
        expect(sentence).not.toContain('[object Object]');
      }),
    );
  });
});

it('tells the unsubscribed from those who were never asked', () => {
  const needed = { granted: true };
  expect(reasonSentence('no-marketing-consent', { actual: null, needed })).toBe(
    'There is no marketing consent: it was never given.',
  );
  expect(
    reasonSentence('no-marketing-consent', {
      actual: { unsubscribed: '2026-05-01T08:00:00Z' },
      needed,
    }),
  ).toBe('The address was unsubscribed on 2026-05-01.');
});

it('uses the names and units it is given', () => {
  const names = {
    ...plainNames,
    who: 'Ana',
    points: (count: number) => `${count} stars`,
    tier: (id: string) => id.toUpperCase(),
  };
  expect(reasonSentence('too-few-points', { actual: 40, needed: 500 }, names)).toBe(
    '40 stars, 500 needed.',
  );
  expect(reasonSentence('tier-not-eligible', { actual: 'green', needed: ['gold'] }, names)).toBe(
    'It is for GOLD; Ana is GREEN.',
  );
});

it('says why a block is hidden, and where an offer is shown', () => {
  const step = {
    rule: 'points-banner',
    version: 1,
    outcome: 'hide',
    reason: 'too-few-points',
    actual: 40,
    needed: 500,
    flip: { text: '500 active points', set: { activePoints: 500 } },
  } as const;
  expect(
    partSentence({
      block: 'points-banner',
      content: 'loyalty',
      kind: 'hide',
      reason: 'too-few-points',
      rule: 'points-banner',
      steps: [step],
    }),
  ).toBe('Hidden: 40 points, 500 needed.');
  expect(
    partSentence({
      offerId: 'latte-week',
      kind: 'show',
      rank: 1,
      affinity: 0.7,
      because: 'affinity 0.7 with coffee',
      steps: [],
    }),
  ).toBe('Shown in place 1: affinity 0.7 with coffee.');
  expect(stepSentence({ rule: 'erased', version: 1, outcome: 'pass' })).toBe('Passed.');
  expect(flipSentence(step.flip)).toBe('500 active points.');
  expect(flipSentence(undefined)).toBeNull();
});

it('writes facts as people read them', () => {
  expect(factText(['online', 'app', 'store'])).toBe('online, app and store');
  expect(factText({ boughtAt: '2026-05-01', fullPrice: true })).toBe(
    'bought at 2026-05-01, full price yes',
  );
  expect(factText([])).toBe('nothing');
  expect(factText(12_400)).toBe('12,400');
});
