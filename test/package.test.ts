import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { scratchCheckout } from './scratch-checkout.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const patience = 600_000;

/** A folder outside the checkout that has the packed package, and no package that it doesn't say it needs but for tests'. */
let ground: string;
beforeAll(async () => {
  ground = await mkdtemp(join(tmpdir(), 'laurel-installed-'));
  const scratch = await scratchCheckout();
  try {
    await run('npm', ['run', 'build'], { cwd: scratch.folder, maxBuffer: 1e8 });
    await run('npm', ['pack', '--pack-destination', ground], {
      cwd: scratch.folder,
      maxBuffer: 1e8,
    });
  } finally {
    await scratch.close();
  }
  const packages = join(ground, 'node_modules');
  await mkdir(join(packages, 'laurel'), { recursive: true });
  const [packed = ''] = (await readdir(ground)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['xzf', join(ground, packed), '-C', join(packages, 'laurel'), '--strip', '1']);
  const manifest = z
    .looseObject({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(packages, 'laurel/package.json'), 'utf8')));
  const forTests = ['typescript', 'vitest', '@types/node', '@types/react', '@types/pg'];
  for (const name of [...Object.keys(manifest.dependencies), ...forTests]) {
    await mkdir(join(packages, name, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(packages, name));
  }
  await writeFile(
    join(ground, 'package.json'),
    '{ "type": "module", "dependencies": { "laurel": "*" } }',
  );
}, patience);
afterAll(() => rm(ground, { recursive: true, force: true }));

const laurel = (folder: string, ...args: string[]) =>
  run(process.execPath, [join(ground, 'node_modules/laurel/dist/src/cli/laurel.js'), ...args], {
    cwd: folder,
    maxBuffer: 1e8,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });

/** What the compiler says of a project. */
const typesOf = (folder: string) =>
  run(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder }).then(
    () => '',
    (error: Error & { stdout?: string }) => error.stdout ?? error.message,
  );

const trades = [
  ['coffee', 'de,en'],
  ['fashion', 'en'],
  ['travel', 'fr'],
] as const;

// Each is a minute of the machine: one of them covers every step.
it.each(process.env['TRADES'] === 'all' ? trades : trades.slice(0, 1))(
  'a project of kind %s in %s compiles, and its mails pass the checks',
  { timeout: patience },
  async (trade, languages) => {
    await laurel(
      ground,
      'init',
      trade,
      '--yes',
      '--no-install',
      '--brand',
      'Blue Door',
      '--trade',
      trade,
      '--languages',
      languages,
      '--accent',
      '#ff9900',
    );
    const folder = join(ground, trade);
    for (const [kind, name] of [
      ['template', 'order-refunded'],
      ['block', 'home-store'],
      ['rule', 'no-offers-at-first'],
      ['persona', 'zoe-park'],
    ] as const)
      await laurel(folder, 'new', kind, name);
    expect(await typesOf(folder)).toBe('');
    const { stdout } = await laurel(
      folder,
      'check',
      '--no-browser',
      '--strict',
      '--format',
      'json',
    );
    const report = z
      .looseObject({ mails: z.number(), people: z.number() })
      .parse(JSON.parse(stdout));
    expect(report.mails).toBeGreaterThan(20);
    const rules = await laurel(folder, 'rules', '--json');
    expect(rules.stdout).toMatch(/"no-offers-at-first",\s+"version": 1,\s+"own": true/);
    expect((await laurel(folder, 'outdated')).stdout).toMatch(/none of them has changed/);
  },
);

it('is published as its entry points say', { timeout: patience }, async () => {
  const { stdout } = await run(
    join(root, 'node_modules/.bin/publint'),
    ['--strict', join(ground, 'node_modules/laurel')],
    { cwd: root },
  );
  expect(stdout).toMatch(/All good/);
});
