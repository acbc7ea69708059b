import type { Command } from 'commander';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cli, openCli } from '../../test/cli.ts';
import { fixtureDatabase, type FreshDatabase } from '../../test/database.ts';
import { openProgram } from './program.ts';

/** Those that change something, stay up, or write files: what they say is for whoever sits there. */
const doing = new Set(
  `init, add, new, import-template, demo, serve, preview, mcp, migrate, send, bounce, requeue, cancel,
   cancel-subject, suppress, unsuppress, pause, resume, events, import, catalogue load, retention run,
   templates publish, templates use, templates rollback, templates prune, member erase, triggers pause,
   triggers resume, keys create, keys revoke, campaign create, campaign start, campaign pause, campaign
   resume, campaign cancel, campaign release, segment save, segment delete, ledger percentiles,
   webhooks retry, webhooks drop, webhooks redact, webhooks resend, coupons import, coupons generate`
    .replaceAll(/\s+/g, ' ')
    .split(', '),
);

const leavesOf = (command: Command, path: readonly string[] = []): [string, Command][] =>
  command.commands.length === 0
    ? [[path.join(' '), command]]
    : command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await fixtureDatabase();
  cli = await openCli({ DATABASE_URL: database.url, DEFAULT_BRAND: 'juniper' });
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

it('every command that reads says it as JSON, too', async () => {
  const leaves = leavesOf(await openProgram());
  const known = leaves.map(([name]) => name);
  expect([...doing].filter((name) => !known.includes(name))).toEqual([]);
  const reading = leaves.filter(([name]) => !doing.has(name));
  expect(reading.length).toBeGreaterThan(15);
  expect(
    reading.flatMap(([name, { options }]) =>
      options.some(({ long }) => long === '--json') ? [] : [name],
    ),
  ).toEqual([]);
});

/** What needs nothing but the fixtures. */
const asked = [
  ['rules'],
  ['types'],
  ['templates', 'list'],
  ['templates', 'history', 'welcome'],
  ['member', 'show', 'hanna-vogel'],
  ['member', 'entries', 'hanna-vogel'],
  ['member', 'affected', 'hanna-vogel'],
  ['member', 'export', 'hanna-vogel'],
  ['messages'],
  ['stats'],
  ['flows'],
  ['segment', 'list'],
  ['triggers', 'list'],
  ['keys', 'list'],
  ['webhooks', 'held'],
  ['campaign', 'list'],
  ['ledger', 'entries', 'hanna-vogel'],
  ['ledger', 'rebuild', '--check', '--member', 'hanna-vogel'],
];

it('and nothing else on stdout', async () => {
  for (const args of asked) {
    const { stdout, stderr, code } = await cli.laurel([...args, '--json']);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: expect.any(String) });
    expect({ args, says: saysJson(stdout) ? 'JSON' : stdout }).toEqual({ args, says: 'JSON' });
  }
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** One value, or one a line of however many. */
const saysJson = (text: string): boolean =>
  isJson(text) || text.split('\n').every((line) => line === '' || isJson(line));
