import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { type Counted, openKeptRows } from './kept-rows.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'laurel-kept-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const row: Counted = {
  row: {
    memberId: 'ana',
    owner: 'ana',
    ownEmail: null,
    document: {},
    sealed: null,
    spending: null,
  },
  cancelled: {},
  figures: null,
};

it('counts once, also for those that come later', async () => {
  let counts = 0;
  const count = async () => {
    counts += 1;
    return row;
  };
  expect(await openKeptRows(folder).row('a', count)).toEqual(row);
  expect(await openKeptRows(folder).row('a', count)).toEqual(row);
  expect(counts).toBe(1);
});

it('goes on where what it kept is thrown away meanwhile', async () => {
  const rows = openKeptRows(folder);
  await rows.row('a', async () => row);
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  expect(await rows.row('b', async () => row)).toEqual(row);
});

it('leaves to other versions what they use, and throws away what none does any more', async () => {
  const [used, left] = [join(folder, 'used'), join(folder, 'left')];
  for (const other of [used, left]) await mkdir(other);
  const longAgo = new Date(Date.now() - 30 * 86_400_000);
  await utimes(left, longAgo, longAgo);
  await openKeptRows(folder).row('a', async () => row);
  const names = await readdir(folder);
  expect(names).toContain('used');
  expect(names).not.toContain('left');
  expect(names).toHaveLength(2);
});
