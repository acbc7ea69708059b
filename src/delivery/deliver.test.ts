import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { expect, it, vi } from 'vitest';

import { brand, receipt } from '../../test/facts.ts';
import { urgent } from '../core/right-of-way.ts';
import type { Ending } from './claims.ts';
import { deliver, type Deps } from './deliver.ts';
import { endingOf } from './ending.ts';
import { handOverFailure } from './failure.ts';
import { inLane } from './in-lane.ts';

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
    reservations: never,
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

/** An attempt at a mail whose turn comes after something happened. */
async function handedOver(meanwhile: Partial<Deps>, before: Partial<Deps> = {}) {
  const { deps } = await attempt(away);
  const endings: Ending[] = [];
  const failures: unknown[] = [];
  let taken = 0;
  const changing: Deps = {
    ...deps,
    loadProfile: async () => ({ kind: 'guest', why: 'unknown-address' }),
    loadGuards: async () => ({ suppression: null, cancelled: new Map() }),
    reservations: async () => null,
    stage: async () => ({
      brand,
      catalogue: { version: '1', products: new Map(), offers: [] },
      templateFor: (locale) => ({
        definition: { ...receipt, blocks: [] },
        version: '1',
        locale,
        engine: 'mjml',
        render: never,
      }),
      unsubscribeUrl: () => 'https://mail.example/u/token',
      chartUrl: undefined,
    }),
    render: async () => ({ subject: 's', preheader: 'p', html: '<p>h</p>', text: 't' }),
    compose: () => Buffer.from('mail'),
    handOver: async ({ lastLook }) => {
      Object.assign(changing, meanwhile);
      await sleep(150);
      await lastLook?.();
      taken += 1;
      return { transport: 'test', response: '250' };
    },
    finish: async (ending) => void endings.push(ending),
    learn: async (_claim, _ending, failed) => void failures.push(failed),
    ...before,
  };
  await deliver('id', changing, new AbortController().signal);
  return { ending: endings[0], taken, failures };
}

it('goes when nothing happened while it waited for its turn', async () => {
  expect(await handedOver({})).toMatchObject({ ending: { state: 'sent' }, taken: 1 });
});

it.each<[string, Partial<Deps>, object]>([
  [
    'an address that was suppressed meanwhile',
    {
      loadGuards: async () => ({
        suppression: { reason: 'hard-bounce', at: new Date(0), scope: 'all' },
        cancelled: new Map(),
      }),
    },
    { state: 'queued', reason: 'changed-meanwhile', unknownOutcomes: 0 },
  ],
  [
    'a claim that ran out meanwhile',
    { holds: () => false },
    { state: 'queued', reason: 'lease-lost', unknownOutcomes: 0 },
  ],
  [
    'Postgres that went away meanwhile',
    {
      loadGuards: async () => {
        throw away;
      },
    },
    { state: 'queued', reason: 'interrupted', unknownOutcomes: 0, spentTries: 0 },
  ],
])('nothing goes out for %s, and everybody knows that', async (_, meanwhile, expected) => {
  const { ending, taken } = await handedOver(meanwhile);
  expect(taken).toBe(0);
  expect(ending).toMatchObject(expected);
});

const gone = async () => {
  throw away;
};

it.each(['turn', 'reserve'] as const)(
  'Postgres gone while a %s is asked for: the message goes back in line, at no cost',
  async (what) => {
    const facts = { timing: null, coupons: null };
    const known = { facts, turn: async () => new Date(0), reserve: gone, again: true };
    const { ending, taken } = await handedOver(
      {},
      { reservations: async () => ({ ...known, [what]: gone }) },
    );
    expect(taken).toBe(0);
    expect(ending).toMatchObject({ state: 'queued', reason: 'interrupted', spentTries: 0 });
  },
);

it('beside a receipt a campaign’s mail stands still until it is handed over, and is recorded at once', async () => {
  const { deps, ending } = await attempt(away);
  if (!ending) throw new Error('no ending');
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const said: string[] = [];
  const step = (name: string) => async () => {
    said.push(name);
    throw away;
  };
  const all: Deps = {
    ...deps,
    claim: step('claim'),
    loadGuards: step('guards'),
    stage: step('stage'),
    finish: async () => void said.push('record'),
  };
  const key = { tenant: 'main', address: '', about: [] };
  const steps = ({ claim: take, loadGuards, stage }: Deps) =>
    Promise.allSettled([take('id'), loadGuards(key), stage(claim.message)]);
  const over = urgent();
  try {
    const campaign = inLane.campaign(all);
    const going = steps(campaign);
    await campaign.finish(ending);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(said).toEqual(['record']);
    await steps(inLane.transactional(all));
    expect(said.splice(0)).toEqual(['record', 'claim', 'guards', 'stage']);
    over();
    await going;
    expect(said).toEqual(['claim', 'guards', 'stage']);
  } finally {
    over();
    vi.useRealTimers();
  }
});
