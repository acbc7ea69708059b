import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await freshDatabase();
  cli = await openCli({ DATABASE_URL: database.url });
});
beforeEach(() => database.pool.query('truncate messages'));
afterAll(async () => {
  await cli.close();
  await database.close();
});

const bonus = (n: number, changes: object = {}) => ({
  template: 'bonus-posted',
  brand: 'juniper',
  to: { memberId: `m${n}` },
  data: { bonusId: `b-${n}`, name: 'Spring', reason: 'visit' },
  idempotencyKey: `bonus-${n}`,
  ...changes,
});
const ndjson = (records: readonly unknown[]) =>
  records.map((one) => `${JSON.stringify(one)}\n`).join('');
const many = (count: number) => Array.from({ length: count }, (_, index) => bonus(index + 1));

async function stored(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::int as count from messages',
  );
  return rows[0]?.count ?? -1;
}

it('accepts 5,000 messages from a pipe, and knows them when they come again', async () => {
  const first = await cli.laurel(['send'], { stdin: ndjson(many(5_000)) });
  expect(first).toMatchObject({ code: 0, stdout: '5,000 messages accepted\n' });
  expect(await stored()).toBe(5_000);

  const again = await cli.laurel(['send', '-'], { stdin: ndjson(many(5_000)) });
  expect(again.stdout).toBe('5,000 messages accepted, 5,000 of them known before\n');
  expect(await stored()).toBe(5_000);
});

describe('a record that is wrong', () => {
  const records = [
    ...many(700),
    bonus(701, { data: { bonusId: 7, name: 'Spring', reason: 'visit' } }),
    ...many(5),
  ];

  it('is named by line and field, and nothing of its batch is stored', async () => {
    const file = join(cli.folder, 'orders.ndjson');
    await writeFile(file, `${ndjson(records)}{"template":\n`);
    const ran = await cli.laurel(['send', file]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('line 701: data.bonusId: must be');
    expect(ran.stderr).toContain('line 707: record: is not valid JSON');
    expect(ran.stderr).toContain('--skip-invalid');
    expect(ran.stderr).not.toContain('    at '); // no stack
    expect(await stored()).toBe(500);
  });

  it('goes to the file of rejects, and the others are stored', async () => {
    const rejects = join(cli.folder, 'rejects.ndjson');
    const ran = await cli.laurel(['send', '--rejects', rejects], { stdin: ndjson(records) });
    expect(ran).toMatchObject({
      code: 0,
      stdout: '705 messages accepted, 5 of them known before, 1 record refused\n',
    });
    const rejected: unknown = JSON.parse(await readFile(rejects, 'utf8'));
    expect(rejected).toMatchObject({
      line: 701,
      problems: [{ path: 'data.bonusId' }],
      record: JSON.stringify(bonus(701, { data: { bonusId: 7, name: 'Spring', reason: 'visit' } })),
    });
  });

  it('such as a key used before for something else', async () => {
    const changed = bonus(2, { data: { bonusId: 'other', name: 'Spring', reason: 'visit' } });
    const ran = await cli.laurel(['send', '--skip-invalid'], {
      stdin: ndjson([...many(3), changed]),
    });
    expect(ran.stdout).toContain('3 messages accepted, 1 record refused');
    expect(ran.stderr).toContain('line 4: idempotencyKey: "bonus-2" was used before');
  });

  it('fails the command when it was the only one', async () => {
    const ran = await cli.laurel(['send', '--skip-invalid'], { stdin: '{"template":"nope"}' });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('line 1: ');
  });
});

const ids = ({ stdout }: { stdout: string }) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => z.object({ id: z.string() }).parse(JSON.parse(line)).id);

it('makes records without a key repeatable with --idempotency-prefix', async () => {
  const stdin = JSON.stringify(
    many(3).map((record) => ({ ...record, idempotencyKey: undefined })),
    null,
    2,
  );
  const args = ['send', '--idempotency-prefix', 'spring', '--json'];
  const first = await cli.laurel(args, { stdin });
  const again = await cli.laurel(args, { stdin });
  expect(ids(first)).toHaveLength(3);
  expect(ids(again)).toEqual(ids(first));
  expect(await stored()).toBe(3);
});

it('warns before a rerun would send twice', async () => {
  const keyless = bonus(1, { idempotencyKey: undefined });
  const records = [...Array.from({ length: 500 }, () => keyless), { template: 'nope' }];
  const ran = await cli.laurel(['send'], { stdin: ndjson(records) });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('Take out everything up to line 500 first');
});

it('says so when there is nothing to send, or no such file', async () => {
  expect(await cli.laurel(['send'])).toMatchObject({
    code: 1,
    stderr: 'laurel: there was no record in it\n',
  });
  const missing = await cli.laurel(['send', 'nope.ndjson']);
  expect(missing).toMatchObject({
    code: 1,
    stderr: 'laurel: cannot read nope.ndjson: there is no such file\n',
  });
});
