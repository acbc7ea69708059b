import { describe, expect, it } from 'vitest';

import { ana, facts, receipt } from '../../test/facts.ts';
import type { Profile, ProfileField, ProfileReading } from '../contract/profile.ts';
import { lockFields } from '../profile/not-known.ts';
import { decide } from './decide.ts';

const down = {
  source: 'platform',
  state: 'down',
  why: 'no answer',
  asOf: null,
  fields: [],
} as const;

/** Ana as far as a brand with a platform of its own knows her while that platform fails. */
function without(unknown: readonly ProfileField[], failing = true, member: Partial<Profile> = {}) {
  const profile = lockFields({ ...ana, ...member }, unknown);
  const reading: ProfileReading = {
    kind: 'member',
    profile,
    composed: { sources: [down], fields: new Map(), unknown, failing, waitsFor: null },
  };
  return { ...facts(), reading, profile };
}

const hidden = (decided: ReturnType<typeof decide>) =>
  Object.fromEntries(
    decided.blocks.map((one) => [one.block, one.kind === 'show' ? 'shown' : one.reason]),
  );

describe('a field that no source can tell', () => {
  it('hides the blocks that would show it, with the source that failed, and nothing else', () => {
    const decided = decide(without(['activePoints']));
    expect(decided.outcome.kind).toBe('send');
    expect(hidden(decided)).toMatchObject({ status: 'not-known-now' });
    expect(decided.blocks[0]?.steps.at(-1)).toMatchObject({
      actual: ['platform: no answer'],
      needed: 'activePoints',
    });
  });

  it('cannot be read, copied or stored as anything', () => {
    const profile = lockFields(ana, ['activePoints']);
    expect(() => profile.activePoints).toThrow('activePoints is not known now');
    expect(() => ({ ...profile })).toThrow('not known');
    expect(() => JSON.stringify(profile)).toThrow('not known');
    expect(profile.pendingPoints).toBe(ana.pendingPoints);
  });

  it('is no consent: promotion is left out of a receipt, and a commercial mail waits', () => {
    expect(hidden(decide(without(['consents'])))).toMatchObject({ offers: 'not-known-now' });
    const commercial = { ...receipt, class: 'commercial' as const };
    const waiting = decide({ ...without(['consents']), template: commercial });
    expect(waiting.outcome).toMatchObject({ kind: 'hold', reason: 'not-known-now' });
  });

  it('ends a commercial mail where no source failed: waiting would not help', () => {
    const commercial = { ...receipt, class: 'commercial' as const };
    const ended = decide({ ...without(['consents'], false), template: commercial });
    expect(ended.outcome).toMatchObject({ kind: 'suppress', reason: 'not-known-now' });
  });

  it('keeps no message alive that another rule stops', () => {
    const commercial = { ...receipt, class: 'commercial' as const };
    const waiting = without(['consents']);
    const message = { ...waiting.message, expiresAt: new Date(waiting.now.getTime() - 1) };
    const stopped = decide({ ...waiting, template: commercial, message });
    expect(stopped.outcome).toMatchObject({ kind: 'suppress', reason: 'expired' });
    const reminder = {
      ...receipt,
      satisfied: (_: unknown, { bonuses }: Profile) =>
        bonuses.length > 99 ? { actual: null, needed: null } : undefined,
    };
    const late = decide({ ...without(['bonuses']), template: reminder, message });
    expect(late.outcome).toMatchObject({ kind: 'suppress', reason: 'expired' });
    const inTime = decide({ ...without(['bonuses']), template: reminder });
    expect(inTime.outcome).toMatchObject({ kind: 'hold', reason: 'not-known-now' });
  });
});

const aged = (minutes: number, older?: 'omit' | 'dated' | 'hold') => {
  const base = facts({
    order: {
      kind: 'order',
      id: '1',
      total: { amount: 5000, currency: 'EUR' },
      payable: { amount: 5000, currency: 'EUR' },
      payableWithPoints: true,
      items: [],
      includes: [],
      attributes: {},
      channel: 'online',
    },
    member: { activePoints: 5000 },
    ...(older && {
      template: { ...receipt, freshness: { 'points-banner': { maxAgeMs: 60_000, older } } },
    }),
  });
  const asOf = new Date(base.now.getTime() - minutes * 60_000).toISOString();
  const reading: ProfileReading = {
    kind: 'member',
    profile: base.profile,
    composed: {
      sources: [],
      fields: new Map([['activePoints', { source: 'platform', asOf }]]),
      unknown: [],
      failing: false,
      waitsFor: null,
    },
  };
  return { decided: decide({ ...base, reading }), asOf };
};

describe('facts that are older than a block allows', () => {
  it('carry their time where the block can say it, and none while they are young', () => {
    const old = aged(30);
    expect(old.decided.views['pointsBanner']).toMatchObject({ asOf: new Date(old.asOf) });
    expect(old.decided.views['status']).toMatchObject({ asOf: new Date(old.asOf) });
    expect(aged(1).decided.views['pointsBanner']).toMatchObject({ asOf: null });
  });

  it('leave the block out, or make the mail wait, where its template says so', () => {
    expect(hidden(aged(2, 'omit').decided)).toMatchObject({ 'points-banner': 'too-old' });
    expect(aged(2, 'hold').decided.outcome).toMatchObject({ kind: 'hold', reason: 'too-old' });
    expect(aged(0, 'hold').decided.outcome.kind).toBe('send');
  });
});
