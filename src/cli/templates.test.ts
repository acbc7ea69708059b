import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cli, openCli } from '../../test/cli.ts';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { type Desk, openDesk } from '../../test/desk.ts';
import { testFolder } from '../../test/folder.ts';
import { loadProject } from '../project/load-project.ts';
import { listVersions } from '../render/version/template-versions.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { publish } from './templates/publish.ts';

const template = 'address-confirmation';
let database: FreshDatabase;
let cli: Cli;
let desk: Desk;
beforeAll(async () => {
  database = await freshDatabase();
  cli = await openCli({ DATABASE_URL: database.url });
  desk = await openDesk(() => database.pool);
});
afterAll(async () => {
  await cli.close();
  await desk.close();
  await database.close();
});

it('publishes, lists, compares and refuses, as it says it does', { timeout: 120_000 }, async () => {
  const published = await cli.laurel(['templates', 'publish', template, '--note', 'first']);
  expect(published).toMatchObject({ code: 0, stdout: expect.stringContaining('live now') });
  const [version] = await listVersions(database.pool, 'main', template);
  const short = version?.hash.slice(0, 12) ?? '';
  const [listed, same, unknown, mistyped] = await Promise.all([
    cli.laurel(['templates', 'list', template]),
    cli.laurel(['templates', 'diff', short, 'folder']),
    cli.laurel(['templates', 'use', template, 'abcdef012345']),
    cli.laurel(['templates', 'use', template, 'latest']),
  ]);
  expect(listed.stdout).toMatch(new RegExp(`^${short}  .+  first\n    live since `));
  expect(same).toMatchObject({ code: 0, stdout: 'nothing differs\n' });
  expect(unknown).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no published version abcdef012345'),
  });
  expect(mistyped).toMatchObject({ code: 2, stderr: expect.stringContaining('first 7 digits') });
});

it('publishes nothing that checks find errors in, unless forced, and then remembers how many', async () => {
  const session = {
    pool: database.pool,
    tenant: 'main',
    config: { folder: testFolder },
    project: { ...(await loadProject()), root: desk.root },
    brands: await loadBrands(desk.root),
  };
  await desk.edit(`${template}/body.mjml`, (text) =>
    text.replace(
      /\{\{> ?footer ?\}\}|<laurel-footer ?\/>/,
      '<mj-section><mj-column><mj-button href="https://example.com/">Go</mj-button></mj-column></mj-section>\n$&',
    ),
  );
  const hashes = async () => (await listVersions(database.pool, 'main', template)).length;
  const before = await hashes();
  await expect(publish([template], { by: 'mira' }, session)).rejects.toMatchObject({
    code: 'checks-failed',
  });
  expect(await hashes()).toBe(before);
  await publish([template], { by: 'mira', force: true, notLive: true }, session);
  const [forced] = await listVersions(database.pool, 'main', template);
  expect(forced).toMatchObject({ by: 'mira', liveSince: null });
  expect(forced?.overlooked).toBeGreaterThan(0);
}, 120_000);
