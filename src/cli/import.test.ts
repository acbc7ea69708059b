import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';

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

const put = async (name: string, content: unknown) => {
  const bytes =
    typeof content === 'string' || content instanceof Uint8Array
      ? content
      : JSON.stringify(content);
  await writeFile(join(cli.folder, name), bytes);
  return name;
};
const read = (name: string) => readFile(join(cli.folder, name), 'utf8');
const purchases = async (source: string) => {
  const { rows } = await database.pool.query<{ memberId: string; orders: number; spend: number }>(
    `select member_id as "memberId", count(*)::int as orders, sum(total - refunded)::int as spend
       from laurel.purchases where order_id like $1 and placed_at is not null group by member_id order by member_id`,
    [`${source}-%`],
  );
  return rows;
};

const members = {
  source: 'old-crm',
  timeZone: 'Europe/Berlin',
  events: [
    {
      type: 'member.enrolled',
      id: 'Nr',
      fields: {
        memberId: { column: 'Nr', prefix: 'm-' },
        membershipNumber: 'Nr',
        brand: { value: 'juniper' },
        at: { column: 'Seit', as: 'instant', format: 'dd.MM.yyyy' },
        firstName: 'Vorname',
        email: 'E-Mail',
      },
    },
  ],
};
const till = (prefix: string) => ({
  source: prefix,
  timeZone: 'Europe/Berlin',
  groupBy: ['Bon'],
  events: [
    {
      type: 'order.placed',
      id: 'Bon',
      fields: {
        memberId: { column: 'Kunde', prefix: 'm-' },
        orderId: { column: 'Bon', prefix: `${prefix}-` },
        at: { column: 'Zeit', as: 'instant', format: 'dd.MM.yyyy HH:mm' },
        channel: { value: 'store' },
        currency: { value: 'EUR' },
      },
      lines: {
        fields: {
          productId: 'Artikel',
          quantity: { column: 'Menge', as: 'integer' },
          unitPrice: { column: 'Preis', as: 'money', decimal: ',' },
          fullPrice: { value: true },
        },
      },
      total: 'lines',
    },
  ],
});
const head = 'Bon;Kunde;Zeit;Artikel;Menge;Preis';
const importMembers = async (numbers: readonly string[]) => {
  await put('members.map.json', members);
  const rows = numbers.map((one) => `${one};01.02.2015;Ana;a${one}@example.com`);
  await put('members.csv', `\uFEFFNr;Seit;Vorname;E-Mail\r\n${rows.join('\r\n')}\r\n`);
  return cli.laurel(['import', 'members.csv', '-m', 'members.map.json']);
};

it('S22: a till without an API brings its members and purchases in as files, and nothing of them is lost', async () => {
  const enrolled = await importMembers(['1', '2']);
  expect(enrolled).toMatchObject({ code: 0, stdout: '2 events applied\n' });
  await put('till.map.json', till('s22'));
  const good = [
    '7001;1;04.05.2026 08:30;latte;2;4,35',
    '7001;1;04.05.2026 08:30;croissant;1;2,90',
    '7002;2;04.05.2026 08:41;"beans; whole";1;12,50',
  ];
  const bad = [
    '7003;1;04.05.2026 25:00;latte;1;4,35',
    '7004;9;04.05.2026 09:00;latte;1;4,35',
    '7005;2;04.05.2026 09:10;latte;1;4,35',
    '7005;2;04.05.2026 09:10;latte;1',
  ];
  const file = await put('till.csv', `${[head, ...good, ...bad].join('\n')}\n`);

  const dry = await cli.laurel(['import', file, '-m', 'till.map.json', '--dry-run']);
  expect(dry.code).toBe(1);
  expect(dry.stdout).toContain('"unitPrice":435');
  expect(dry.stdout).toContain('3 records rejected');
  expect(await purchases('s22')).toEqual([]);

  const real = await cli.laurel(['import', file, '-m', 'till.map.json']);
  expect(real.code).toBe(1);
  expect(real.stderr).toContain('line 5: Zeit (at): "04.05.2026 25:00" is not a time');
  expect(real.stderr).toContain('line 7: record: has 5 columns, the first line has 6');
  expect(real.stdout).toContain('1 event applied, 4 records rejected');

  // The beans' id has a space; put right together with the others, in the file of rejects itself.
  const rejected = await read('till.csv.rejects');
  expect(rejected.split('\n')[0]).toBe(`${head};laurel_line;laurel_reason`);
  expect(rejected.trim().split('\n')).toHaveLength(6);
  const fixed = rejected
    .replace('beans; whole', 'beans')
    .replace('25:00', '08:55')
    .replace('7004;9', '7004;2')
    .replace(';latte;1;8', ';latte;1;4,35;8');
  await put('fixed.csv', fixed);
  const again = await cli.laurel(['import', 'fixed.csv', '-m', 'till.map.json']);
  expect(again).toMatchObject({ code: 0, stdout: '4 events applied\n' });
  expect(await purchases('s22')).toEqual([
    { memberId: 'm-1', orders: 2, spend: 1595 },
    { memberId: 'm-2', orders: 3, spend: 2555 },
  ]);
});

it('changes nothing when it is run again, gzipped, piped, or under another name', async () => {
  await importMembers(['11']);
  await put('again.map.json', till('again'));
  const content = `${head}\n1;11;04.05.2026 08:30;latte;2;4,35\n`;
  await put('one.csv', content);
  await put('two.csv.gz', gzipSync(content));
  const first = await cli.laurel(['import', 'one.csv', 'two.csv.gz', '-m', 'again.map.json']);
  expect(first).toMatchObject({ code: 0, stdout: '1 event applied, 1 known before\n' });
  const piped = await cli.laurel(['import', '-', '-m', 'again.map.json'], { stdin: content });
  expect(piped).toMatchObject({ code: 0, stdout: '0 events applied, 1 known before\n' });
});

it('takes ledger events without a mapping, and names a broken line', async () => {
  await importMembers(['21']);
  const event = {
    type: 'points.earned',
    source: 'x',
    id: 'x-1',
    at: '2026-05-04T18:30:00+02:00',
    memberId: 'm-21',
    points: 40,
  };
  const lines = [
    JSON.stringify(event),
    '{"type":',
    JSON.stringify({ ...event, id: 'x-2', points: -1 }),
  ];
  const ran = await cli.laurel(['import', '-'], { stdin: lines.join('\n') });
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.stdout).toContain('1 event applied, 2 records rejected');
  const rejects = (await read('stdin.rejects')).trim().split('\n');
  expect(rejects.map((one): unknown => JSON.parse(one))).toMatchObject([
    { laurel_text: '{"type":', laurel_line: 2 },
    { id: 'x-2', laurel_line: 3, laurel_reason: expect.stringMatching(/^points: /) },
  ]);
});

it('rejects rows of another encoding so that they can be put right and imported with the same mapping', async () => {
  await importMembers(['501']);
  await put('old.map.json', { ...till('old'), csv: { encoding: 'windows-1252' } });
  const row = '1;501;04.05.2026 08:30;Käse;1;4,35';
  await put('old.csv', Buffer.from(`${head}\n${row.replace('08:30', '8 Uhr')}\n`, 'latin1'));
  expect(await cli.laurel(['import', 'old.csv', '-m', 'old.map.json'])).toMatchObject({ code: 1 });
  await put('old-again.csv', (await read('old.csv.rejects')).replace('8 Uhr', '08:30'));
  const again = await cli.laurel(['import', 'old-again.csv', '-m', 'old.map.json']);
  expect(again).toMatchObject({ code: 0, stdout: '1 event applied\n' });
  const { rows } = await database.pool.query(
    `select product_id from laurel.purchase_lines where order_id = 'old-1'`,
  );
  expect(rows).toEqual([{ product_id: 'Käse' }]);
});

it.each(['csv', 'ndjson'])('accounts for every record of a file of %s', async (form) => {
  await importMembers(['31']);
  const by = { ...till(`all-${form}`), otherwise: 'skip' };
  const [event] = by.events;
  const mapping = { ...by, events: [{ ...event, when: [{ column: 'Menge', filled: true }] }] };
  await put('all.map.json', mapping);
  const cells = [
    ['1', '31', '04.05.2026 08:30', 'latte', '1', '4,35'],
    ['1', '31', '04.05.2026 08:30', 'latte', '1', '4,35'].with(0, '2'),
    ['3', '31', '04.05.2026 08:30', 'latte', '', ''],
    ['4', '31', 'yesterday', 'latte', '1', '4,35'],
    ['5', '404', '04.05.2026 08:30', 'latte', '1', '4,35'],
  ];
  const names = head.split(';');
  const lines =
    form === 'csv'
      ? [head, ...cells.map((row) => row.join(';')), '6;31']
      : [
          ...cells.map((row) =>
            JSON.stringify(Object.fromEntries(names.map((one, at) => [one, row[at]]))),
          ),
          '{"Bon":',
        ];
  await put('all.file', `${lines.join('\n')}\n`);
  const command = ['import', 'all.file', '-m', 'all.map.json'];
  const first = await cli.laurel(command);
  expect(first.stdout).toContain('2 events applied, 1 record skipped, 3 records rejected');
  const again = await cli.laurel(command);
  expect(again.stdout).toContain(
    '0 events applied, 2 known before, 1 record skipped, 3 records rejected',
  );
  const rejects = (await read('all.file.rejects')).trim().split('\n');
  expect(rejects).toHaveLength(form === 'csv' ? 4 : 3);
});

it('says what is wrong with the mapping, or with a file that isn’t for it', async () => {
  await put('wrong.map.json', { source: 'x', events: [{ type: 'order.made', fields: {} }] });
  await put('short.csv', 'Bon;Kunde\n1;2\n');
  await put('fine.map.json', till('fine'));
  const wrong = await cli.laurel(['import', 'short.csv', '-m', 'wrong.map.json']);
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('events[0].type') });
  const short = await cli.laurel(['import', 'short.csv', '-m', 'fine.map.json']);
  expect(short).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('lacks "Zeit", "Artikel", "Menge", "Preis"'),
  });
  const none = await cli.laurel(['import', 'short.csv']);
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('--mapping') });
});

it(
  'goes on where it was killed: every order once, every reject once',
  { timeout: 120_000 },
  async () => {
    const people = Array.from({ length: 200 }, (_, at) => String(100 + at));
    await importMembers(people);
    await put('killed.map.json', till('killed'));
    const total = 5_000;
    const rows = Array.from({ length: total }, (_, at) => {
      const person = at % 1000 === 7 ? '999999' : people[at % people.length];
      return `${at};${person};04.05.2026 08:30;latte;1;4,35`;
    });
    await put('killed.csv', `${head}\n${rows.join('\n')}\n`);
    const command = ['import', 'killed.csv', '-m', 'killed.map.json'];
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(import.meta.dirname, 'laurel.ts'), ...command],
      { cwd: cli.folder, env: { PATH, HOME, DATABASE_URL: database.url }, stdio: 'ignore' },
    );
    const killed = once(child, 'close');
    for (;;) {
      const { rowCount } = await database.pool.query(
        'select from laurel.imports where records > 0',
      );
      if (rowCount) break;
      if (child.exitCode !== null) throw new Error('it was through before it could be killed');
      await sleep(10);
    }
    child.kill('SIGKILL');
    await killed;

    const resumed = await cli.laurel(command);
    expect(resumed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/goes on after \d,000 records/),
    });
    const { rows: counted } = await database.pool.query(
      `select count(*)::int as orders, count(distinct order_id)::int as different
       from laurel.purchases where order_id like 'killed-%'`,
    );
    expect(counted).toEqual([{ orders: total - 5, different: total - 5 }]);
    expect((await read('killed.csv.rejects')).trim().split('\n')).toHaveLength(1 + 5);
    expect(resumed.stdout).toContain('5 records rejected');
    expect((await database.pool.query('select from laurel.imports')).rowCount).toBe(0);
    expect(existsSync(join(cli.folder, 'killed.csv.rejects.rejects'))).toBe(false);
  },
);
