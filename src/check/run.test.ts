import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { templates } from '../../templates/index.ts';
import { brandFiles, folderWith, mjml, note, words } from '../../test/fixtures-render/folder.ts';
import { testFolder } from '../../test/folder.ts';
import { githubReport, textReport } from '../cli/check-report.ts';
import { paintFor } from '../cli/terminal.ts';
import { checkTemplates } from './run.ts';

const templatesFolder = join(import.meta.dirname, '../../templates');

async function checkNote(body: string, blocks: readonly string[] = []) {
  const root = await folderWith({
    ...brandFiles,
    'note/locales/en.json': words,
    'note/body.mjml': mjml(
      `<mj-section><mj-column>\n<mj-text><h1>Hello</h1></mj-text>\n${body}\n</mj-column></mj-section>`,
    ),
  });
  return checkTemplates({ root, folder: testFolder, definitions: [note(blocks)] });
}

it('names file and line of what it finds in a finished mail', async () => {
  const { findings, mails } = await checkNote(
    '<mj-button href="https://example.com/">Go</mj-button>',
  );
  expect(mails).toBeGreaterThan(0);
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'error',
      check: 'links',
      template: 'note',
      brand: 'roast',
      locale: 'en',
      file: 'templates/note/body.mjml',
      line: 6,
    }),
  );
});

it('says of a template that doesn’t load what loading says', async () => {
  const { findings } = await checkNote('<mj-text>{{nonsense 1}}</mj-text>');
  expect(findings).toEqual([
    expect.objectContaining({
      severity: 'error',
      check: 'loading',
      file: 'templates/note/body.mjml',
      line: 6,
      message: expect.stringMatching(/there is no helper nonsense/),
    }),
  ]);
});

it('reports a block nobody can be shown, and why', async () => {
  const { findings } = await checkNote(
    '<mj-text>{{#with blocks.pointsBanner}}{{points activePoints}}{{/with}}</mj-text>',
    ['points-banner'],
  );
  expect(findings).toContainEqual(
    expect.objectContaining({
      check: 'reach',
      message: expect.stringMatching(
        /^block points-banner is shown to nobody: not-in-template-data/,
      ),
    }),
  );
});

it('reaches both sides of a block with people made of what decisions say', async () => {
  const { findings } = await checkNote(
    '<mj-text>{{#with blocks.status}}{{points activePoints}}{{/with}}</mj-text>',
    ['status'],
  );
  expect(findings.filter(({ message }) => message.startsWith('block'))).toEqual([]);
});

it('says it for a pull request, and for people', async () => {
  const report = await checkNote('<mj-button href="https://example.com/">Go</mj-button>');
  expect(githubReport(report)).toMatch(
    /^::error file=templates\/note\/body\.mjml,line=6,title=links%3A note · roast · en::link “Go” leads to a placeholder/m,
  );
  const text = textReport(report, paintFor({}), { verbose: false });
  expect(text).toMatch(/^Fix before sending \(1\)$/m);
  expect(text).toMatch(/1 error, \d+ warnings?, \d+ fine$/);
});

it('finds no error in the order confirmation of our own library', async () => {
  const { findings } = await checkTemplates({
    root: templatesFolder,
    folder: testFolder,
    definitions: templates.filter(({ name }) => name === 'order-confirmation'),
    brands: ['juniper'],
  });
  const Severities = z.array(z.object({ severity: z.enum(['warning', 'fine']) }));
  expect(Severities.safeParse(findings).success).toBe(true);
});

const product = (productId: string, ...attributes: string[]) => ({
  productId,
  name: { en: productId },
  category: 'food',
  attributes,
});

it('T10: tells which attributes of a catalogue with food nobody knows to go with a diet', async () => {
  const parent = await folderWith({
    'fixtures/roast/products.json': [product('bun', 'butter'), product('roll', 'duck-fat')],
  });
  const root = await folderWith(
    { ...brandFiles, 'note/locales/en.json': words, 'note/body.mjml': mjml('') },
    parent,
  );
  const { findings } = await checkTemplates({ root, folder: testFolder, definitions: [note()] });
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      check: 'diets',
      brand: 'roast',
      file: 'fixtures/roast/products.json',
      message: 'not known whether they go with a diet: duck-fat',
    }),
  );
});

/** Our own library with some files changed, beside our own fixtures. */
async function changedLibrary(changes: Readonly<Record<string, (file: string) => string>>) {
  const project = await mkdtemp(join(tmpdir(), 'laurel-library-'));
  onTestFinished(() => rm(project, { recursive: true, force: true }));
  const root = join(project, 'templates');
  await cp(templatesFolder, root, { recursive: true });
  await symlink(join(templatesFolder, '..', 'fixtures'), join(project, 'fixtures'));
  for (const [name, change] of Object.entries(changes)) {
    const before = await readFile(join(root, name), 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    await writeFile(join(root, name), after);
  }
  return root;
}

it('sees promotion in front of an order, in its subject, and a footer that lacks sender and way out', async () => {
  const root = await changedLibrary({
    'order-confirmation/body.mjml': (body) =>
      body.replace('{{> offers}}', '').replace('{{> header}}', '{{> header}} {{> offers}}'),
    'order-confirmation/locales/en.json': (texts) =>
      texts.replace(/"subject": "/, '"subject": "20% off: '),
    'partials/footer.mjml': (footer) =>
      footer
        .replace('[[legal.address]]', '')
        .replace('href="{{link links.unsubscribe}}"', 'href="https://www.juniper.example/"'),
  });
  const { findings } = await checkTemplates({
    root,
    folder: testFolder,
    definitions: templates.filter(({ name }) =>
      ['order-confirmation', 'bonus-reminder'].includes(name),
    ),
    brands: ['juniper'],
    locales: ['en'],
  });
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ template, check, message }) => `${template} ${check}: ${message}`);
  for (const expected of [
    /^order-confirmation service-first: the html says “.*” after offers/,
    /^order-confirmation subject: .* promotes: “20%”/,
    /^order-confirmation sender: the html doesn’t say the sender’s address/,
    /^bonus-reminder sender: the html doesn’t say the sender’s address/,
    /^bonus-reminder unsubscribe: has no link/,
  ])
    expect(errors).toContainEqual(expect.stringMatching(expected));
  expect(errors.filter((one) => one.startsWith('bonus-reminder service-first'))).toEqual([]);
}, 120_000);
