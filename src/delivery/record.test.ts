import { expect, it } from 'vitest';

import type { Ending } from './claims.ts';
import { recordEnding } from './record.ts';

const sent: Ending = {
  id: 'id',
  token: 'token',
  state: 'sent',
  reason: null,
  error: null,
  at: new Date(0),
  delayMs: null,
  spentTries: 0,
  unknownOutcomes: 0,
  sentTo: 'ana@example.com',
  transport: 'smtp',
  response: 'an answer nobody can store',
  templateVersion: 'v1',
  decision: null,
  message: null,
};

/** Records with a Postgres that fails as told, one entry a try, and then takes it. */
async function record(ending: Ending, failures: Error[], stop = new AbortController()) {
  const written: Ending[] = [];
  const journal: Ending[] = [];
  await recordEnding(
    ending,
    {
      write: async (one) => {
        const failure = failures.shift();
        if (failure) throw failure;
        written.push(one);
        return true;
      },
      isRefused: (error) => error instanceof Error && error.message === 'refused',
      journal: async (one) => void journal.push(one),
      onLost: () => {},
      onRetry: () => {},
    },
    stop.signal,
  );
  return { written, journal };
}

it('tries again whatever went wrong: the mail has left', async () => {
  const { written } = await record(sent, [new Error('deadlock'), new TypeError('a mistake')]);
  expect(written).toEqual([sent]);
});

it('what Postgres refuses for what it says is recorded without its words', async () => {
  const { written } = await record(sent, [new Error('refused')]);
  expect(written).toEqual([
    { ...sent, response: null, decision: null, error: null, message: null },
  ]);
});

it('told to stop while Postgres is away, it leaves in the journal what was sent, and nothing else', async () => {
  const stopped = new AbortController();
  stopped.abort();
  expect(await record(sent, [new Error('away')], stopped)).toEqual({
    written: [],
    journal: [sent],
  });
  const queued = { ...sent, state: 'queued' as const };
  expect(await record(queued, [new Error('away')], stopped)).toEqual({ written: [], journal: [] });
});
