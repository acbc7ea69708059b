import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import type { Ending } from './claims.ts';
import { replayJournal, writeJournal } from './journal.ts';

const folder = await mkdtemp(join(tmpdir(), 'laurel-journal-'));
afterAll(() => rm(folder, { recursive: true }));

const ending = (id: string): Ending => ({
  id,
  token: 'token',
  state: 'sent',
  reason: null,
  error: null,
  at: new Date(0),
  delayMs: null,
  spentTries: 0,
  unknownOutcomes: 0,
  sentTo: null,
  transport: null,
  response: null,
  templateVersion: null,
  decision: null,
  message: null,
});

it('gives back every ending once, none before it is recorded, and nothing half-written', async () => {
  expect(await replayJournal(folder, async () => {})).toBe(0);
  await Promise.all(['a', 'b', 'c'].map((id) => writeJournal(folder, ending(id))));
  await writeFile(join(folder, 'endings', 'd-token.part'), '{"id":');

  const replayed: string[] = [];
  const away = new Error('away');
  const finish = async (json: string) => {
    if (replayed.length === 1) throw away;
    replayed.push(json);
  };
  await expect(replayJournal(folder, finish)).rejects.toBe(away);
  expect(await replayJournal(folder, async (json) => replayed.push(json))).toBe(2);
  expect(replayed.toSorted()).toEqual(['a', 'b', 'c'].map((id) => JSON.stringify([ending(id)])));
  expect(await replayJournal(folder, finish)).toBe(0);
});
