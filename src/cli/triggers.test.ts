import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { loadFixtures } from '../../fixtures/load.ts';
import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await freshDatabase();
  await loadFixtures(database.pool, 'main', ['marlowe', 'halden', 'juniper']);
  cli = await openCli({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

it('says so where no brand has triggers, and names what there is', async () => {
  // A project with a brand that has none.
  const config = join(cli.folder, 'laurel.config.mjs');
  await writeFile(config, `export default { templates: ['welcome'] };`);
  await mkdir(join(cli.folder, 'brands'));
  await cp('templates/brands/juniper', join(cli.folder, 'brands/juniper'), { recursive: true });
  try {
    const none = await cli.laurel(['triggers', 'list']);
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toContain('no brand has a triggers.json');
    const unknown = await cli.laurel(['triggers', 'pause', 'juniper/hello']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('there is no "juniper/hello"');
  } finally {
    await rm(config);
  }
});

it('lists every trigger of every brand, with nothing made yet', async () => {
  const { code, stdout } = await cli.laurel(['triggers', 'list']);
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines).toContain(
    'marlowe/bonus-confirmation  bonus.granted → bonus-posted; 0 made; 0 waiting',
  );
  expect(lines).toContain(
    'halden/points-lapse  pointsExpireWithinDays 30 → points-expiring; 0 made; 0 waiting',
  );
  expect(lines).toHaveLength(9);
  const unknown = await cli.laurel(['triggers', 'pause', 'marlowe/welcom']);
  expect(unknown.stderr).toContain('is it marlowe/welcome?');
});

const Ran = z.looseObject({
  events: z.number(),
  causes: z.number(),
  tooLate: z.number(),
  wouldSend: z.number(),
  members: z.number(),
});

it('a dry run over the brands’ people says what is in the ledger, by independent query', async () => {
  const counted = async (brand: string, type: string, hours: number, reasons?: string[]) => {
    const { rows } = await database.pool.query(
      `with e as (
         select e.*, $4::text[] is null or (document ->> 'reason') = any ($4) as fits,
           applied_at - at > make_interval(hours => $3) as late
         from laurel.events e join laurel.members m using (tenant, member_id)
         where m.brand = $1 and type = $2)
       select count(*)::int as events, count(*) filter (where fits)::int as causes,
         count(*) filter (where fits and late)::int as "tooLate",
         count(*) filter (where fits and not late)::int as "wouldSend",
         count(distinct member_id) filter (where fits and not late)::int as members from e`,
      [brand, type, hours, reasons ?? null],
    );
    return Ran.parse(rows[0]);
  };
  const ran = async (which: string) =>
    Ran.parse(
      JSON.parse(
        (await cli.laurel(['triggers', 'dry-run', which, '--days', '9999', '--json'])).stdout,
      ),
    );
  const reasons = ['birthday', 'review', 'visit', 'referral', 'anniversary'];
  // As they would have been told in their time: half of them at once, half of them a week late.
  await database.pool.query(
    `update laurel.events set applied_at = at + case when hashtext(id) % 2 = 0 then interval '1 minute' else interval '7 days' end`,
  );
  for (const [which, type, hours, on] of [
    ['marlowe/bonus-confirmation', 'bonus.granted', 48, reasons],
    ['marlowe/bonus-unused', 'bonus.granted', 48 + 336, reasons],
    ['halden/bonus-confirmation', 'bonus.granted', 48, reasons],
    ['marlowe/welcome', 'member.enrolled', 48, undefined],
    ['halden/welcome', 'member.enrolled', 48, undefined],
  ] as const) {
    const [brand = ''] = which.split('/');
    const own = await counted(brand, type, hours, on && [...on]);
    expect(own.events).toBeGreaterThan(0);
    expect({ which, ...(await ran(which)) }).toMatchObject({ which, ...own });
  }
  const people = await counted('marlowe', 'member.enrolled', 48);
  expect(people.wouldSend).toBeGreaterThan(0);
  expect(people.tooLate).toBeGreaterThan(0);
  const state = await cli.laurel(['triggers', 'dry-run', 'marlowe/points-lapse']);
  expect(state).toMatchObject({ code: 1, stdout: '' });
  expect(state.stderr).toContain('looks at a state');
});
