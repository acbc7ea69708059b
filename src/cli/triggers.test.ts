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

it('says so where no brand has triggers, and names what there is', async () => {
  const none = await cli.laurel(['triggers', 'list']);
  expect(none).toMatchObject({ code: 0, stdout: '' });
  expect(none.stderr).toContain('no brand has a triggers.json');
  const unknown = await cli.laurel(['triggers', 'pause', 'juniper/hello']);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('there is no "juniper/hello"');
});
