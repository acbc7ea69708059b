import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { findApiKey } from '../http/api-keys.ts';
import { openProgram } from './program.ts';

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await freshDatabase();
  cli = await openCli({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

const helpOf = (command: Command) => {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
};

describe('the command itself', () => {
  it('lists its commands, and each has an example', async () => {
    const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
    const commands = all(await openProgram());
    expect(commands.map((command) => command.name())).toEqual(
      expect.arrayContaining(['laurel', 'serve', 'send', 'explain', 'doctor', 'start', 'revoke']),
    );
    const without = commands.filter((one) => !/Examples?:\n {2}\$ /.test(helpOf(one)));
    expect(without.map((command) => command.name())).toEqual([]);
  });

  it('loads one alone under its name, the same as among all', async () => {
    const among = (await openProgram()).commands;
    expect(among.length).toBeGreaterThan(35);
    for (const one of among) {
      const alone = (await openProgram(one.name())).commands;
      expect(alone.map((command) => command.name())).toEqual([one.name()]);
      expect(helpOf(alone[0] ?? new Command())).toBe(helpOf(one));
    }
  });

  it('prints its version', async () => {
    expect(await cli.laurel(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it('answers a slip of the pen with 2 and what was meant', async () => {
    const ran = await cli.laurel(['explian', 'x']);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('Did you mean explain?');
    expect(await cli.laurel(['messages', '--limit', '0'])).toMatchObject({ code: 2 });
    expect(await cli.laurel([])).toMatchObject({ code: 2 });
  });

  it('reads .env in its folder, and what is set already is stronger', async () => {
    const own = await openCli();
    await writeFile(join(own.folder, '.env'), `DATABASE_URL=${database.url}\nTENANT=from-file\n`);
    const id = '0196a000-0000-7000-8000-000000000000';
    const read = await own.laurel(['explain', id]);
    expect(read.stderr).toContain('of tenant "from-file"');
    const set = await own.laurel(['explain', id], { env: { TENANT: 'from-env' } });
    expect(set.stderr).toContain('of tenant "from-env"');
    await own.close();
  });

  it('says in one line what is wrong, with the stack only when debugging', async () => {
    const env = { PORT: 'many' };
    const quiet = await cli.laurel(['messages'], { env });
    expect(quiet.code).toBe(1);
    expect(quiet.stderr).toContain('PORT must be a whole number');
    expect(quiet.stderr).not.toContain('    at ');
    const loud = await cli.laurel(['messages'], { env: { ...env, LOG_LEVEL: 'debug' } });
    expect(loud.stderr).toContain('    at ');
  });
});

describe('the small commands', () => {
  it('make a key that works once printed, and end it', async () => {
    const { stdout } = await cli.laurel(['keys', 'create', '--name=shop', '--scopes=send,read']);
    const key = stdout.trim();
    expect(await findApiKey(database.pool, key)).toMatchObject({ scopes: ['send', 'read'] });
    const list = await cli.laurel(['keys', 'list']);
    expect(list.stdout).toContain('shop');
    expect(list.stdout).not.toContain(key);
    await cli.laurel(['keys', 'revoke', key]);
    expect(await findApiKey(database.pool, key)).toBeNull();
    expect(await cli.laurel(['keys', 'revoke', key])).toMatchObject({ code: 1 });
  });

  it('suppress an address in every spelling, and take it back', async () => {
    expect(await cli.laurel(['suppress', 'Ana@Mail.example'])).toMatchObject({
      code: 0,
      stdout: 'A***@Mail.example gets no mail any more (manual)\n',
    });
    expect(await cli.laurel(['unsuppress', 'ana@mail.EXAMPLE'])).toMatchObject({ code: 0 });
    expect(await cli.laurel(['unsuppress', 'ana@mail.example'])).toMatchObject({ code: 1 });
    expect(await cli.laurel(['suppress', 'ana'])).toMatchObject({ code: 2 });
  });

  it('take back a message, and stop everything about a subject', async () => {
    const message = {
      template: 'bonus-posted',
      brand: 'juniper',
      to: { memberId: 'ana' },
      data: { bonusId: 'b1', name: 'Spring', reason: 'visit' },
    };
    const sent = await cli.laurel(['send', '--json'], { stdin: JSON.stringify(message) });
    const { id } = z.object({ id: z.string() }).parse(JSON.parse(sent.stdout));
    expect(await cli.laurel(['cancel', id])).toMatchObject({ stdout: `${id} is cancelled\n` });
    // The newest one needs no id.
    expect((await cli.laurel(['explain', 'last'])).stdout).toContain(
      'Cancelled: it was taken back before it was sent.',
    );
    expect(await cli.laurel(['cancel-subject', 'bonus:b1', 'nonsense'])).toMatchObject({ code: 2 });
    expect(await cli.laurel(['cancel-subject', 'bonus:b1'])).toMatchObject({ code: 0 });
    const { rows } = await database.pool.query('select subject from cancelled_subjects');
    expect(rows).toEqual([{ subject: 'bonus:b1' }]);
  }, 60_000);

  it('apply events, naming those that are wrong, and know them when they come again', async () => {
    const enrolled = {
      source: 'crm',
      id: 'e1',
      at: '2026-01-05T09:00:00Z',
      memberId: 'ana',
      type: 'member.enrolled',
      brand: 'juniper',
      membershipNumber: 'J-1',
    };
    const wrong = { ...enrolled, id: 'e2', type: 'points.earned', points: -5 };
    const stdin = `${JSON.stringify(enrolled)}\n${JSON.stringify(wrong)}\n`;
    const first = await cli.laurel(['events'], { stdin });
    expect(first).toMatchObject({ code: 1, stdout: '1 event applied, 1 refused\n' });
    expect(first.stderr).toContain('line 2: ');
    expect(first.stderr).toContain('points');
    const again = await cli.laurel(['events'], { stdin: JSON.stringify(enrolled) });
    expect(again).toMatchObject({ code: 0, stdout: '0 events applied, 1 known before\n' });
  });

  it('load a catalogue, naming file, entry and field of what is wrong', async () => {
    const good = join(import.meta.dirname, '../../fixtures/juniper');
    const first = await cli.laurel(['catalogue', 'load', 'juniper', good]);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/offers: version /) });
    await writeFile(join(cli.folder, 'products.json'), '[{"productId":"mug"}]');
    await writeFile(join(cli.folder, 'offers.json'), '[]');
    const second = await cli.laurel(['catalogue', 'load', 'juniper', '.']);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('products.json[0].category: is missing');
  });

  it('bring the database up to date, and say when it was', async () => {
    await database.pool.query('drop schema laurel cascade');
    const first = await cli.laurel(['migrate']);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('applied 010-messages'),
    });
    expect((await cli.laurel(['migrate'])).stdout).toBe('the database is up to date\n');
  });
});
