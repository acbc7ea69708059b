import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Fence, fencesOf, put } from './documentation/page.ts';
import { compile, type Scratch, scratchCheckout } from './scratch-checkout.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
/** What CONTRIBUTING leads to, with a worked example of everything that can be added. */
const pages = ['docs/extending.md', 'docs/rules.md', 'docs/templates.md'];

let scratch: Scratch;
const followed: Fence[] = [];
beforeAll(async () => {
  scratch = await scratchCheckout();
  for (const page of pages)
    for (const fence of fencesOf(page, await readFile(join(root, page), 'utf8'))) {
      const makes = fence.file !== undefined || fence.into !== undefined;
      if (makes) await put(scratch.folder, fence);
      else if (page === 'docs/extending.md' && fence.language === 'sh')
        await run('bash', ['-ec', fence.body], { cwd: scratch.folder });
      else continue;
      followed.push(fence);
    }
});
afterAll(() => scratch.close());

it('D9: everything is a file or a folder, and a line in the list there is of its kind', () => {
  expect(followed.flatMap(({ into }) => into ?? [])).toEqual([
    'src/decision/blocks/index.ts',
    'test/samples/blocks.ts',
    'src/profile/sources/index.ts',
    'src/transports/index.ts',
    'src/http/webhooks/index.ts',
    'src/render/check/index.ts',
    'src/cli/program.ts',
    'src/decision/rules/index.ts',
    'src/contract/reasons.ts',
    'templates/index.ts',
  ]);
});

it('D9: what is added compiles', { timeout: 600_000 }, async () => {
  expect(
    await compile(scratch.folder, ['src', 'templates', 'test/samples', 'previews/ui/dom.d.ts']),
  ).toBe('');
});

/** Runs in the copy, where the lists have what was added. */
const uses = `
import { createHmac } from 'node:crypto';
import { blocks, blockViews } from './src/decision/blocks/index.ts';
import { offerRules } from './src/decision/rules/index.ts';
import { stepSentence } from './src/decision/sentences.ts';
import { adapters } from './src/http/webhooks/index.ts';
import { sourceKinds } from './src/profile/sources/index.ts';
import { mailChecks } from './src/render/check/index.ts';
import { loadBrands } from './src/render/voice/brand-files.ts';
import { openProgram } from './src/cli/program.ts';
import { openTransport } from './src/transports/index.ts';
import { templates } from './templates/index.ts';

const brands = await loadBrands('templates');
const rule = offerRules.find(({ name }) => name === 'anniversary-month');
const facts = { profile: { enrolledAt: '2020-03-01T00:00:00Z' }, now: new Date('2026-06-01T00:00:00Z') };
const block = blocks.find(({ name }) => name === 'home-store');
const adapter = adapters.find(({ name }) => name === 'till');
const body = Buffer.from('{"id":"1","at":"2026-05-04T18:30:00+02:00","card":"7","cents":435}');
const receiver = adapter.open({ name: 'a', tenant: 'main', brand: 'juniper', secrets: ['s'] }, {}, () => '');
const headers = { 'x-till-signature': createHmac('sha256', 's').update(body).digest('base64') };
const inline = sourceKinds.find(({ kind }) => kind === 'inline');
const source = inline.open({ people: { ana: { points: 4 } } }, { by: 'memberId', identity: 'id' }, {});
const check = mailChecks.find(({ name }) => name === 'shouting');
const transport = openTransport({ smtpUrl: 'stdout://here', smtpPool: 1, outboxFolder: '' });
const mail = { messageId: '<1@a.example>', envelope: { from: 'a@a.example', to: 'b@b.example' }, mime: Buffer.from('') };
console.log(JSON.stringify({
  rule: stepSentence(rule.check({ offer: { offerId: 'anniversary-cake' }, facts })),
  place: offerRules.map(({ name }) => name).indexOf('anniversary-month') - offerRules.map(({ name }) => name).indexOf('outside-dates'),
  block: block.decide({ profile: { preferredStore: 'Mitte' } }),
  looked: 'home-store' in blockViews,
  template: templates.some(({ name }) => name === 'gate-changed'),
  brand: brands.get('aurora').brand.id,
  source: await source.ask('ana', new AbortController().signal),
  adapter: [receiver.isAuthentic({ headers, body }, new Date()), receiver.read(JSON.parse(body), { headers, body }, new Date()).kind],
  check: check.look({ subject: 'BUY NOW' }).length,
  transport: (await transport.send(mail, new AbortController().signal)).response,
  command: (await openProgram()).commands.some((one) => one.name() === 'tenants'),
}));
`;

it('D9: what is added is there, and does what it is for', { timeout: 300_000 }, async () => {
  await writeFile(join(scratch.folder, 'uses.ts'), uses);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'uses.ts'], {
    cwd: scratch.folder,
  });
  expect(JSON.parse(stdout)).toEqual({
    rule: 'It is for month 3, that of enrolment.',
    place: 1,
    block: { kind: 'show', actual: 'Mitte', needed: null, view: { store: 'Mitte' } },
    looked: true,
    template: true,
    brand: 'aurora',
    source: { record: { points: 4 } },
    adapter: [true, 'events'],
    check: 1,
    transport: 'printed',
    command: true,
  });
});
