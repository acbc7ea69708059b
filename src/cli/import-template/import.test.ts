import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

import { samples } from '../../../test/fixtures-import/samples.ts';
import { brandFiles, folderWith } from '../../../test/fixtures-render/folder.ts';
import { defineTemplate, type Template } from '../../core/template.ts';
import { checkTemplates } from '../check/run.ts';
import { importTemplate, registered } from './import.ts';

const project = new URL('../../..', import.meta.url).pathname;
const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'schema' in value;

/** Imports into a project of one brand, loads what was written and checks it. */
async function imported(source: string, kind: 'mjml' | 'html') {
  const result = importTemplate({
    name: 'from-elsewhere',
    source,
    kind,
    locales: ['en'],
    brands: ['roast'],
  });
  const files = Object.fromEntries(
    [...result.files].map(([file, content]) => [
      file,
      content
        .replaceAll("'../../src/", `'${project}src/`)
        .replaceAll("'../fields.ts'", `'${project}templates/fields.ts'`)
        .replaceAll("'zod'", `'${import.meta.resolve('zod')}'`),
    ]),
  );
  const brands = Object.fromEntries(
    Object.entries(brandFiles).map(([file, content]) => [`templates/${file}`, content]),
  );
  const root = await folderWith({ ...brands, ...files });
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(`${root}/templates/from-elsewhere/template.ts`).href
  );
  const definition = Object.values(module ?? {}).find(isTemplate);
  if (!definition) throw new Error('template.ts exports no template');
  const report = await checkTemplates({
    root: `${root}/templates`,
    definitions: [defineTemplate(definition)],
    browser: false,
  });
  return { ...result, ...report };
}

it.each(Object.entries(samples))(
  '%s loads, renders and passes the checks',
  async (_, { kind, source, says, never }) => {
    const { findings, mails, files } = await imported(source, kind);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(mails).toBeGreaterThan(0);
    const all = [...files.values()].join('\n');
    for (const one of says) expect(all).toContain(one);
    for (const one of never ?? []) expect(all).not.toContain(one);
  },
);

it('says what it changed and what needs a person', async () => {
  const { changed, open } = importTemplate({
    name: 'x',
    kind: 'html',
    source: '<p style="color:{{shade}}">{{{html}}} {{formatDate at "MM"}} {{shout name}}</p>',
    locales: ['en', 'de'],
    brands: [],
  });
  expect(changed.join('\n')).toMatch(/fields are read from the message’s data/);
  expect(open).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^style="color:\{\{shade\}\}" is left out/),
      expect.stringMatching(/^\{\{\{html\}\}\} put html into the mail unescaped/),
      expect.stringMatching(/^\{\{formatDate at "MM"\}\}/),
      expect.stringMatching(/^\{\{shout name\}\} uses a helper/),
      expect.stringMatching(/translate locales/),
    ]),
  );
});

it('adds its line to the registry, once', () => {
  const registry = `import { a } from './a/template.ts';\n\nexport const templates = [\n  a,\n];\n`;
  const once = registered(registry, 'my-note');
  expect(once).toBe(
    `import { a } from './a/template.ts';\nimport { myNote } from './my-note/template.ts';\n\nexport const templates = [\n  a,\n  myNote,\n];\n`,
  );
  expect(registered(once, 'my-note')).toBe(once);
});
