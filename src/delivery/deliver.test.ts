import { expect, it } from 'vitest';

import { receipt } from '../../test/facts.ts';
import type { Ending } from './claims.ts';
import { deliver, type Deps } from './deliver.ts';
import { endingOf } from './ending.ts';
import { handOverFailure } from './failure.ts';

const claim = {
  token: 'token',
  tries: 0,
  claims: 1,
  waitedMs: 0,
  message: {
    id: 'id',
    tenant: 'main',
    template: receipt.name,
    brand: 'juniper',
    to: { email: 'ana@example.com' },
    data: {},
    about: [],
    acceptedAt: new Date(0),
  },
};
const away = new Error('connection terminated');

const never = () => {
  throw new Error('not in this test');
};

/** One attempt in which looking up the profile fails. */
async function attempt(failure: unknown, changes: Partial<typeof claim> = {}) {
  const endings: Ending[] = [];
  const faults: unknown[] = [];
  const deps: Deps = {
    claim: async () => ({ ...claim, ...changes }),
    holds: () => true,
    letGo: () => {},
    loadProfile: async () => {
      throw failure;
    },
    isApplied: never,
    waitSeconds: 30,
    loadGuards: never,
    stage: never,
    render: never,
    compose: never,
    handOver: never,
    finish: async (ending) => void endings.push(ending),
    isOutage: (error) => error === away,
    onFault: (error) => void faults.push(error),
    suppressBounced: never,
    onUnknown: () => 'quarantine',
    now: () => new Date(0),
    backoff: () => 2_000,
    maxTries: 3,
    heldFor: async () => null,
    holdMs: 1_000,
    learn: async () => {},
    observe: () => {},
  };
  await deliver('id', deps, new AbortController().signal);
  return { ending: endings[0], faults, deps };
}

it('Postgres gone before the hand-over: the message goes back in line, at no cost', async () => {
  const { ending } = await attempt(away);
  expect(ending).toMatchObject({
    state: 'queued',
    reason: 'interrupted',
    spentTries: 0,
    unknownOutcomes: 0,
  });
});

it('a mistake of ours is reported, tried again, and in the end left to a person, without quoting anybody', async () => {
  const mistake = new TypeError('cannot read ana@example.com of undefined');
  const first = await attempt(mistake);
  expect(first.faults).toEqual([mistake]);
  expect(first.ending).toMatchObject({ state: 'queued', spentTries: 1, delayMs: 2_000 });
  const last = await attempt(mistake, { tries: 2 });
  expect(last.ending).toMatchObject({ state: 'quarantined', reason: 'internal-error' });
  expect(JSON.stringify([first.ending, last.ending])).not.toContain('ana@');
});

it('a mistake of ours while the mail is handed over counts as not knowing', async () => {
  const { deps, ending } = await attempt(away);
  if (!ending) throw new Error('no ending');
  expect(endingOf(handOverFailure(new TypeError('oh')), claim, ending, deps)).toMatchObject({
    state: 'quarantined',
    reason: 'unknown-outcome',
    unknownOutcomes: 1,
  });
});
