import { expect, it } from 'vitest';

import type { Profile, ProfileReading } from '../src/contract/profile.ts';
import { prepare, type Prepared } from '../src/decision/prepare.ts';
import { ana, brand, noon } from '../test/facts.ts';
import { hasSample, sampleData } from '../test/sample-mail.ts';
import { templates } from './index.ts';

const rendered = { subject: 's', preheader: 'p', html: '<p>h</p>', text: 't' };

/** Decided with everything but the looks. */
function decided(definition: (typeof templates)[number], reading: ProfileReading): Prepared {
  return prepare(
    {
      id: '0196a000-0000-7000-8000-000000000001',
      tenant: 'main',
      template: definition.name,
      brand: brand.id,
      to: { email: 'ana@example.com' },
      data: sampleData(definition.name, 'juniper'),
      about: [],
      acceptedAt: noon,
    },
    reading,
    {
      now: noon,
      brand,
      catalogue: { version: '1', products: new Map(), offers: [] },
      templateFor: (locale) => ({
        definition,
        version: '1',
        locale,
        engine: 'mjml',
        render: () => rendered,
      }),
      address: 'ana@example.com',
      suppression: null,
      cancelled: new Map(),
      unsubscribeUrl: () => 'https://mail.example/u/token',
    },
  );
}

const member = (memberStatus: Profile['memberStatus']): ProfileReading => ({
  kind: 'member',
  profile: { ...ana, memberStatus },
});
const people: Readonly<Record<string, ProfileReading>> = {
  guest: { kind: 'guest', why: 'unknown-address' },
  'somebody at a member’s address': { kind: 'guest', why: 'address-not-linked' },
  'unknown member': { kind: 'guest', why: 'unknown-member' },
  suspended: member('suspended'),
  disputed: member('disputed'),
  erased: { kind: 'erased' },
};

/** What stands against them, by whom a transactional mail is for. */
const against = {
  anybody: {},
  member: {
    guest: 'not-a-member',
    'somebody at a member’s address': 'not-a-member',
    'unknown member': 'not-a-member',
    disputed: 'member-not-active',
  },
  'member-in-good-standing': {
    guest: 'not-a-member',
    'somebody at a member’s address': 'not-a-member',
    'unknown member': 'not-a-member',
    suspended: 'member-not-active',
    disputed: 'member-not-active',
  },
} as const;

it('P5: a mail about a membership goes to whom its template says, and to nobody else', () => {
  const sentTo: Record<string, Set<string>> = {};
  let checked = 0;
  for (const definition of templates.filter(hasSample)) {
    const whom = definition.for;
    if (whom === undefined) throw new Error(`${definition.name} doesn't say whom it is for`);
    for (const [who, reading] of Object.entries(people)) {
      const { decision, email } = decided(definition, reading);
      const asSaid = Object.entries(against[whom]).find(([one]) => one === who)?.[1];
      const expected = who === 'erased' ? 'erased' : asSaid;
      if (email) (sentTo[definition.name] ??= new Set()).add(who);
      // What it says of itself may stand against it, too: a bonus that is used, consent that is missing.
      const { reason } = decision;
      const own = reason === 'already-satisfied' || definition.class === 'commercial';
      if (own || expected === undefined) continue;
      expect([definition.name, who, reason, email]).toEqual([
        definition.name,
        who,
        expected,
        undefined,
      ]);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(45);
  const toThem = Object.entries(sentTo).map(([name, whom]) => [
    templates.find((one) => one.name === name)?.for,
    ...whom,
  ]);
  expect(toThem.filter(([whom]) => whom === 'member-in-good-standing')).toEqual([]);
  // A suspended member's points were spent all the same; whose a disputed account's were isn't known.
  expect(sentTo['redemption-receipt']).toEqual(new Set(['suspended']));
  for (const name of ['welcome', 'tier-changed', 'status-statement', 'points-expiring'])
    expect(sentTo[name]).toBeUndefined();
  expect(sentTo['order-confirmation']?.size).toBe(5);
});

it('P5: waits for the profile of somebody of whom nothing is known now', () => {
  const welcome = templates.find(({ name }) => name === 'welcome');
  if (!welcome) throw new Error('no welcome');
  const { decision } = decided(welcome, {
    kind: 'guest',
    why: 'not-known-now',
    email: null,
    composed: { sources: [], fields: new Map(), unknown: [], failing: true, waitsFor: null },
  });
  expect(decision).toMatchObject({ kind: 'hold', reason: 'not-known-now' });
});
