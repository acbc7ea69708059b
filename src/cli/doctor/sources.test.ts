import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { json, type SourceServer, startSourceServer } from '../../../test/source-server.ts';
import { loadConfig } from '../../config.ts';
import { checkSources } from './sources.ts';

let folder: string;
let server: SourceServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'laurel-doctor-'));
  server = await startSourceServer();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function examine(sources: unknown, env: Record<string, string> = {}) {
  await mkdir(join(folder, 'acme'), { recursive: true });
  await writeFile(join(folder, 'acme', 'sources.json'), JSON.stringify(sources, null, 2));
  const config = loadConfig({
    LAUREL_DIR: folder,
    ALLOWED_NETWORKS: '127.0.0.0/8',
    ...env,
  });
  const findings = await checkSources(config, ['acme', 'plain'], folder);
  return findings.map(({ level, text }) => `${level} ${text}`);
}
const platform = () => ({
  kind: 'http',
  url: `${server.url}/members/{memberId}`,
  headers: { authorization: 'Bearer ${SOURCE_KEY}' },
  identity: 'id',
  timeoutMs: 2000,
  map: { activePoints: 'points' },
});

it('says of each source whether it answers, without asking about anybody', async () => {
  server.answer = json({ error: 'no such member' }, 404);
  const file = { kind: 'file', path: 'people.csv', identity: 'id', map: { firstName: 'first' } };
  const found = await examine(
    { sources: { platform: platform(), crm: file } },
    { SOURCE_KEY: 'k' },
  );
  expect(found).toEqual([
    'ok acme: platform: 127.0.0.1 answers',
    'fail acme: crm is not there',
    'ok plain: profiles come from the ledger',
  ]);
  expect(server.requests.map(({ url }) => url)).toEqual(['/members/laurel-doctor-nobody']);
});

it('names file, line and setting of what is wrong', async () => {
  const [found] = await examine({ sources: { platform: platform() } });
  expect(found).toMatch(/^fail brands\/acme\/sources\.json:7\b/);
  expect(found).toContain('sources.platform.headers.authorization');
  expect(found).toContain('needs the environment variable SOURCE_KEY, which is not set');
  server.answer = json({}, 401);
  expect(await examine({ sources: { platform: platform() } }, { SOURCE_KEY: 'old' })).toContain(
    'fail acme: platform refuses the credentials (401)',
  );
});
