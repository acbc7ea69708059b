import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { addAudience } from '../campaign/audience.ts';
import { createCampaign, listCampaigns } from '../campaign/campaigns.ts';

let database: FreshDatabase;
let cli: Cli;
let audience: string;
beforeAll(async () => {
  database = await freshDatabase();
  cli = await openCli({ DATABASE_URL: database.url });
  audience = join(cli.folder, 'members.csv');
  const members = Array.from({ length: 2_500 }, (_, index) => `m${index},gold`);
  await writeFile(audience, ['memberId,tier', ...members, 'm0,gold'].join('\n'));
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

const start = (file: string, ...more: string[]) =>
  cli.laurel([
    'campaign',
    'start',
    'year-in-review',
    '--year=2025',
    '--brand=juniper',
    `--audience=${file}`,
    ...more,
  ]);
const campaigns = () => listCampaigns(database.pool, 'main');

it('started twice is one campaign, and everybody is in it once', async () => {
  const first = await start(audience);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('2,500 members') });
  const second = await start(audience);
  expect(second).toMatchObject({ code: 0, stdout: first.stdout });
  expect(second.stderr).toContain('nothing was started a second time');
  expect(await campaigns()).toMatchObject([{ state: 'running', audienceSize: 2_500 }]);

  const id = first.stdout.split(' ')[0] ?? '';
  const status = await cli.laurel(['campaign', 'status']);
  expect(status.stdout).toContain('running: 0 of 2,500 members looked at');
  expect(await cli.laurel(['campaign', 'pause', 'last'])).toMatchObject({ code: 0 });
  expect(await cli.laurel(['campaign', 'cancel', id])).toMatchObject({ code: 0 });
  const resumed = await cli.laurel(['campaign', 'resume', id]);
  expect(resumed).toMatchObject({
    code: 1,
    stderr: 'laurel: the campaign is cancelled; resume does not apply to it\n',
  });
  const again = await start(audience);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('was cancelled') });
});

it('goes on with a campaign that was interrupted while it was loading', async () => {
  const half = await createCampaign(database.pool, {
    id: '0196a000-0000-7000-8000-00000000000a',
    tenant: 'main',
    brand: 'juniper',
    template: 'year-in-review',
    parameters: { year: 2025 },
    idempotencyKey: 'pilot',
  });
  await addAudience(database.pool, half.id, ['m0', 'm1', 'm2']);
  const ran = await start(audience, '--key=pilot', '--paused', '--json');
  expect(ran.stderr).toContain('Going on with a campaign that has 3 members already.');
  expect(JSON.parse(ran.stdout)).toMatchObject({
    id: half.id,
    state: 'paused',
    audienceSize: 2_500,
  });
  const other = await cli.laurel(
    ['campaign', 'start', 'year-in-review', '--year=2024', '--audience=-', '--key=pilot'],
    { stdin: 'ana\n', env: { DEFAULT_BRAND: 'juniper' } },
  );
  expect(other).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already names another campaign'),
  });
});

it('starts nothing when a line of the audience is wrong', async () => {
  const before = await campaigns();
  const broken = join(cli.folder, 'broken.csv');
  await writeFile(broken, 'memberId,tier\nana,gold\n,green\nben\n');
  const ran = await start(broken);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('line 3: memberId is missing');
  expect(ran.stderr).toContain('line 4: has 1 column, the first line has 2');
  expect(await campaigns()).toEqual(before);
});

it('wants a brand, a year that can be, and a kind there is', async () => {
  const args = ['campaign', 'start', 'year-in-review', `--audience=${audience}`];
  expect(await cli.laurel([...args, '--year=2025'])).toMatchObject({
    code: 2,
    stderr: 'laurel: --brand is needed; there are halden, juniper, kestrel, marlowe\n',
  });
  expect(await cli.laurel([...args, '--year=25', '--brand=juniper'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--year must be a year from 2000'),
  });
  const kind = ['campaign', 'start', 'spam', '--year=2025', `--audience=${audience}`];
  expect(await cli.laurel([...kind, '--brand=juniper'])).toMatchObject({
    code: 2,
    stderr:
      'laurel: "juniper" has no "spam"; it has bonus-reminder, early-access, year-in-review\n',
  });
});

it('makes a campaign of any commercial template, with fields of each row, and starts it when told', async () => {
  const bonuses = join(cli.folder, 'bonuses.csv');
  await writeFile(bonuses, 'memberId,bonusId,name\nana,b-1,Ana’s\nben,b-2,\ncleo,,\n');
  const staff = join(cli.folder, 'staff.csv');
  await writeFile(staff, 'memberId,desk\ncleo,4\n');
  const args = [
    'campaign',
    'create',
    'bonus-reminder',
    '--brand=juniper',
    `--audience=${bonuses}`,
    `--exclude=${staff}`,
    '--member=dora',
    '--group=spring',
  ];
  const lacking = await cli.laurel([...args, '--data={"name":"500 stars"}']);
  expect(lacking.code).toBe(2);
  expect(lacking.stderr).toContain('--data useBy');
  const data = '--data={"bonusId":"b-0","name":"500 stars","useBy":"2026-12-31T22:59:59Z"}';
  const made = await cli.laurel([...args, data, '--json']);
  expect(made).toMatchObject({ code: 0 });
  const { id, ...campaign } = JSON.parse(made.stdout);
  expect(campaign).toMatchObject({ state: 'loading', audienceSize: 4, group: 'spring' });
  const again = await cli.laurel([...args, data]);
  expect(again.stdout).toContain(id);
  expect(await cli.laurel(['campaign', 'start', id])).toMatchObject({ code: 0 });
  const { rows } = await database.pool.query(
    `select member_id, data from laurel.campaign_audience where campaign_id = $1 order by position`,
    [id],
  );
  expect(rows).toEqual([
    { member_id: 'ana', data: { bonusId: 'b-1', name: 'Ana’s' } },
    { member_id: 'ben', data: { bonusId: 'b-2' } },
    { member_id: 'cleo', data: null },
    { member_id: 'dora', data: null },
  ]);
  const wrong = join(cli.folder, 'wrong.csv');
  await writeFile(wrong, 'memberId,useBy\nana,2026-12-31T22:59:59Z\nben,tomorrow\n');
  const create = ['campaign', 'create', 'bonus-reminder', '--brand=juniper'];
  const refused = await cli.laurel([...create, data, `--audience=${wrong}`]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`${wrong} line 3: data.useBy must be a time`);
});
