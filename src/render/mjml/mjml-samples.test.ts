import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import mjml2html from 'mjml';
import { describe, expect, it, vi } from 'vitest';

import { documentTrees } from '../../../test/fixtures-render/document-tree.ts';
import {
  brandFiles,
  folderWith,
  note,
  viewOf,
  words,
} from '../../../test/fixtures-render/folder.ts';
import { loadTemplates } from '../load.ts';
import { loadBrands } from '../voice/brand-files.ts';

vi.mock('../remembered.ts', async (original) => ({
  ...(await original<object>()),
  remembered: (_kind: string, _of: unknown, make: () => unknown) => make(),
}));

const folder = join('test', 'fixtures-render', 'mjml-samples');
const sampleOf = (file: string) => readFileSync(join(folder, file), 'utf8');

async function loaded(body: string, lenient: boolean) {
  const root = await folderWith({
    ...brandFiles,
    'note/locales/en.json': words,
    'note/body.mjml': body,
  });
  const definition = { ...note(), lenient };
  return loadTemplates({ root, definitions: [definition], brands: await loadBrands(root) });
}

/** What MJML itself makes of it, without what would be loaded from elsewhere. */
async function theirs(source: string): Promise<string> {
  const offline = source
    .replace(/<mj-font\b[^>]*\/>/g, '')
    .replace(/@import[^;]*;|@font-face\s*\{[^}]*\}/g, '')
    .replace(/^[\s\S]*?<mjml([^>]*)>/, (_, own: string) => {
      return `<mjml lang="en" dir="ltr"${own.replace(/ lang="\w+"/, '')}>`;
    });
  const { html } = await mjml2html(offline, { fonts: {} });
  return html.replace(/\P{ASCII}(?=[^<]*<\/style>)/gu, (one) => {
    return `\\${(one.codePointAt(0) ?? 0).toString(16)} `;
  });
}

describe('a template made elsewhere, as it is', () => {
  it.each(readdirSync(folder))('%s comes out as MJML itself makes it', async (file) => {
    const source = sampleOf(file);
    const set = await loaded(source, true);
    const { html } = set.compiled('note', 'roast', 'en').render(viewOf());
    expect(documentTrees(html)).toEqual(documentTrees(await theirs(source)));
  });

  it('has a note for what was let pass or left out', async () => {
    const { notes } = await loaded(sampleOf('one-page.mjml'), true);
    expect(notes).toContainEqual({
      file: 'note/body.mjml',
      line: 4,
      message:
        '<mj-font> was left out: it loads a style sheet from elsewhere; fonts are those of the brand',
    });
    const odd = (await loaded(sampleOf('onboarding.mjml'), true)).notes.map(
      ({ line, message }) => `${line}: ${message}`,
    );
    expect(odd.toSorted()).toEqual([
      '11: </ol> where <li> of line 10 must be closed first',
      '14: href must be http, https, mailto or tel, or a {{link …}}',
      '14: src must be http, https, mailto or tel, or a {{link …}}',
      '14: width needs quotes around its value',
      '15: </mj-text> where <p> of line 13 must be closed first',
      '19: MJML drops text here; put it into <mj-text>',
      '21: <mj-text> Attribute unknown-thing is illegal',
    ]);
  });

  it('is held to the rules of our own folder unless it says so', async () => {
    await expect(loaded(sampleOf('one-page.mjml'), false)).rejects.toThrow(
      /note\/body\.mjml:4: <mj-font> is refused: .*\n.*CSS must not load anything from elsewhere/,
    );
  });

  it.each([
    ['<mj-include path="./header.mjml" />', /<mj-include> is refused: put what it includes beside/],
    ['<mj-raw><script>x()</script></mj-raw>', /<script> is refused/],
    ['<mj-raw><a href="javascript:x()">x</a></mj-raw>', /href must be http/],
    ['<mj-raw><a href="&#106;avascript:x()">x</a></mj-raw>', /href must be http/],
    ['<mj-raw><b onclick="x()">x</b></mj-raw>', /onclick: mails run no scripts/],
    ['<mj-section>{{data.x}}</mj-section>', /MJML drops \{\{data\.x\}\} here/],
    ['{{#if data.x}}<mj-raw><p></mj-raw>', /is not closed in this file/],
  ])('is refused for what does harm: %s', async (body, message) => {
    await expect(loaded(`<mjml><mj-body>${body}</mj-body></mjml>`, true)).rejects.toThrow(message);
  });
});
