import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cli, openCli } from './cli.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await freshDatabase();
  // As `npm run` starts it: tsx reads how JSX is written from there.
  const TSX_TSCONFIG_PATH = join(import.meta.dirname, '..', 'tsconfig.json');
  cli = await openCli({ DATABASE_URL: database.url, TSX_TSCONFIG_PATH });
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

it('D1, D2, D5: the demo tells its afternoon by one clock, counts all of it, and ends without a word of trouble', async () => {
  const today = new Date().toISOString().slice(0, 10);
  const { code, stdout, stderr } = await cli.laurel(['demo', '--once']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const said = stdout.replaceAll(/\S+\.eml/g, '');
  expect(said).toContain('It is Fri Nov 20 2026 in this story.');
  // Every day it names is one of the story's, whatever day it is played on.
  const days = [...said.matchAll(/\b20\d\d-\d\d-\d\d\b/g)].map(([day]) => day);
  expect(days.length).toBeGreaterThan(5);
  expect(days).not.toContain(today);
  expect(days.filter((day) => day > '2026-12-31')).toEqual([]);

  const { rows } = await database.pool.query<{ state: string; count: number }>(
    'select state, count(*)::int as count from laurel.messages group by state',
  );
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(25);

  const last = said.split('\n').find((line) => line.includes('All of it in')) ?? '';
  for (const { state, count } of rows) expect(last).toContain(`${count} ${state}`);

  expect(said).not.toMatch(/fewer than \d+ needed|bonus-used: .* was not given/);
}, 240_000);
