import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { render } from '@react-email/render';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';

import {
  brandFiles,
  folderWith,
  loadNote,
  note,
  viewOf,
} from '../../../test/fixtures-render/folder.ts';
import Note from '../../../test/fixtures-render/react/note/body.tsx';
import { loadTemplates, type TemplateSet } from '../load.ts';
import { TemplateError } from '../source/problems.ts';
import { loadBrands } from '../voice/brand-files.ts';
import { link } from '../voice/link.ts';
import { voiceOf } from '../voice/voice.ts';
import { reactDocument } from './react.ts';

const root = join(import.meta.dirname, '../../../test/fixtures-render/react');

/** The React templates beside this test's fixtures, with the brand of the other tests. */
async function loadReact(): Promise<TemplateSet> {
  return loadTemplates({
    root,
    definitions: [
      note(['points-banner']),
      ...['broken', 'tailwind', 'hooked'].map((name) => ({ ...note(), name })),
    ],
    brands: await loadBrands(await folderWith(brandFiles)),
  });
}

const pointsBanner = {
  beingAdded: false,
  activePoints: 12_400,
  usablePoints: 12_400,
  worth: { amount: 12_400, currency: 'EUR' },
  coversAll: false,
  asOf: null,
  kind: 'order',
} as const;

describe('a React template', () => {
  it('says what it is given, escaped, in pure ASCII', async () => {
    const set = await loadReact();
    const data = { words: `<b>"Söhne" 🙂`, total: 1240, url: 'https://a.example/?b=1&c=2' };
    const { html, subject, text } = set
      .compiled('note', 'roast', 'en')
      .render(viewOf({ data, blocks: { pointsBanner } }));
    expect(subject).toBe('Your order');
    expect(html).toContain('&lt;b&gt;&quot;S&#246;hne&quot; &#128578; &#8211; ');
    expect(html).toContain('&#8364;12.40');
    expect(html).toContain('You have 12,400 stars');
    expect(html).toContain('href="https://a.example/?b=1&amp;c=2"');
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toMatch(/^[\t\n\x20-\x7E]*$/);
    expect(text).toContain('You have 12,400 stars');
    expect(text).not.toContain('About your order');
  });

  it('leaves out a block that is not shown', async () => {
    const set = await loadReact();
    const { html } = set.compiled('note', 'roast', 'en').render(viewOf());
    expect(html).not.toContain('You have');
  });

  it('is what React Email’s own render() gives, but for its comments', async () => {
    const { messages, format } = voiceOf({
      locale: 'en',
      formats: 'en',
      timeZone: 'UTC',
      brandName: 'Roast',
      programmeName: 'Roast Rewards',
      layers: [{ hello: 'Hello {name}', open: 'Open', banner: 'x {points}', points: '{count}' }],
    });
    const view = {
      ...viewOf(),
      data: { words: 'Söhne', url: 'https://a.example' },
      blocks: { pointsBanner },
    };
    const element = createElement(Note, {
      view,
      subject: 'Your order',
      preheader: 'About',
      linkedData: [],
      t: messages.text,
      format,
      link,
      picture: () => '',
    });
    const theirs = await render(element);
    expect(reactDocument(element, 'note')).toBe(
      theirs.replace(/<!--(\/?\$| |html|head|body)?-->/g, ''),
    );
  });

  it('R2: may use Tailwind: what holds for everyone is inlined, and what depends stands in a style sheet', async () => {
    const set = await loadReact();
    const { html } = set
      .compiled('tailwind', 'roast', 'en')
      .render(viewOf({ data: { words: 'O’Brien' } }));
    const sheet =
      '<style>' +
      '.hover_underline{&:hover{@media (hover:hover){text-decoration-line:underline!important}}}' +
      '.max-sm_p-4{@media (width<40rem){padding:1rem!important}}' +
      '.sm_text-center{@media (width>=40rem){text-align:center!important}}' +
      '.dark_text-white{@media (prefers-color-scheme:dark){color:rgb(255,255,255)!important}}' +
      '</style></head>';
    expect(html).toContain(sheet);
    expect(html).toContain(
      '<p class="sm_text-center max-sm_p-4 dark_text-white hover_underline" style="font-size:14px;line-height:24px;color:rgb(0,0,0);margin-top:16px;margin-bottom:16px">O&#8217;Brien</p>',
    );
  });

  it('may use hooks: React renders it then', async () => {
    const compiled = (await loadReact()).compiled('hooked', 'roast', 'en');
    for (const words of ['first', 'second']) {
      const { html } = compiled.render(viewOf({ data: { words } }));
      expect(html).toContain(`>${words.toUpperCase()}</p>`);
    }
  });

  const waiting = {
    'an async component': `async function Body() { await 0; return <p>late</p>; }
      const Whole = Body;`,
    'an async component within Suspense': `async function Late() { await 0; return <p>late</p>; }
      const Whole = () => <Suspense fallback={<p>loading…</p>}><Late /></Suspense>;`,
    'a promise that never ends': `const never = new Promise<string>(() => undefined);
      const Late = () => <p>{use(never)}</p>;
      const Whole = () => <Suspense fallback={<p>loading…</p>}><Late /></Suspense>;`,
    'a promise that ended': `const Late = () => <p>{use(Promise.resolve('late'))}</p>;
      const Whole = () => <div><Suspense><Late /></Suspense></div>;`,
    'something thrown to wait for': `const Late = () => { throw new Promise(() => undefined); };
      const Whole = () => <Suspense fallback="loading…"><i><Late /></i></Suspense>;`,
    'a lazy component': `const Late = lazy(() => new Promise<never>(() => undefined));
      const Whole = () => <Suspense fallback="loading…"><b>x</b><Late /></Suspense>;`,
    'a failure within Suspense': `const Late = (): never => { throw new Error('no'); };
      const Whole = () => <Suspense fallback="loading…"><Late /></Suspense>;`,
    'one within Suspense within Suspense': `async function Late() { return <p>late</p>; }
      const Whole = () => <Suspense fallback="a"><p><Suspense fallback="b"><Late /></Suspense></p></Suspense>;`,
  };
  it.each(Object.entries(waiting))('R15: never mails what stands in for %s', async (_, source) => {
    const body = `import { lazy, Suspense, use } from 'react';
      ${source}
      void [lazy, Suspense, use];
      export default () => <html lang="en"><body><Whole /></body></html>;`;
    const set = await loadNote({ 'note/body.tsx': body }, { parent: root });
    for (let time = 0; time < 2; time += 1)
      expect(() => set.compiled('note', 'roast', 'en').render(viewOf())).toThrow(
        expect.objectContaining({
          name: 'PermanentError',
          code: 'template-waits',
          message: expect.stringMatching(/^template "note": note\/body\.tsx: /),
        }),
      );
  });

  it('R15: gives up waiting by itself, in a process that has nothing else to do', async () => {
    const program = `import { use, createElement } from 'react';
      import { warmUp } from ${JSON.stringify(import.meta.resolve('./react.ts'))};
      const never = new Promise(() => undefined);
      const Late = () => use(never);
      await warmUp(() => createElement('p', null, createElement(Late)));
      console.log('went on');`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      program,
    ]);
    expect(stdout.trim()).toBe('went on');
  }, 60_000);

  it('R15: is written whole where nothing waits, Suspense or not', async () => {
    const body = `import { Suspense } from 'react';
      export default () => <html lang="en"><body>
        <Suspense fallback="loading…"><p>{1} and {2}<Suspense fallback="x">there</Suspense></p></Suspense>
      </body></html>;`;
    const set = await loadNote({ 'note/body.tsx': body }, { parent: root });
    const { html } = set.compiled('note', 'roast', 'en').render(viewOf());
    expect(html).toContain('<body><p>1 and 2there</p></body>');
    expect(html).not.toContain('<!--');
  });

  it('that throws fails for good, and says which', async () => {
    const set = await loadReact();
    expect(() => set.compiled('broken', 'roast', 'en').render(viewOf())).toThrow(
      expect.objectContaining({
        name: 'PermanentError',
        code: 'render-failed',
        message: expect.stringMatching(
          /^template "broken": broken\/body\.tsx:2:\d+: no such luck$/,
        ),
      }),
    );
  });

  it('never links to a script', async () => {
    const set = await loadReact();
    const view = viewOf({ data: { url: 'javascript:alert(1)' } });
    expect(() => set.compiled('note', 'roast', 'en').render(view)).toThrow(
      expect.objectContaining({ code: 'bad-link' }),
    );
  });
});

const component = (jsx: string) => `export default () => (\n  ${jsx}\n);\n`;

describe('a React template is refused for', () => {
  it.each([
    [
      'unescaped html',
      component('<p dangerouslySetInnerHTML={{ __html: x }} />'),
      'note/body.tsx:2: dangerouslySetInnerHTML',
    ],
    ['a script', component('<script />'), 'is an element no mail may have'],
    ['a handler', component('<p onClick={x} />'), 'mails run no scripts'],
    ['a bare address', component('<a href={data.url}>x</a>'), 'needs {link(…)}'],
    [
      'a script address',
      component('<a href="javascript:alert(1)">x</a>'),
      'must be an http, https, mailto or tel address',
    ],
    ['a computed key', component('<p>{t(`a.${b}`)}</p>'), "t takes its key written out, t('key')"],
    [
      'reaching out',
      component('<p>{fetch("https://x.example")}</p>'),
      'only turns its view into elements',
    ],
    [
      'reading the environment',
      component('<p>{process.env.SECRET}</p>'),
      'only turns its view into elements',
    ],
    ['no component', 'export const x = 1;\n', 'needs a component as its default export'],
  ])('%s', async (_, source, message) => {
    const error = await loadNote({ 'note/body.tsx': source }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TemplateError);
    expect(String(error)).toContain(message);
  });

  it('a file it imports that is not there', async () => {
    const error = await loadNote({
      'note/body.tsx': "import { X } from '../blocks/X.tsx';\n",
    }).catch(String);
    expect(error).toContain('blocks/X.tsx: is imported but is not there');
  });

  it('a text it uses that is not there', async () => {
    const error = await loadNote({
      'note/body.tsx': "export default ({ t }: { t: (key: string) => string }) => t('bye');\n",
    }).catch(String);
    expect(error).toContain('note/body.tsx:1: there is no text "bye" in en');
  });
});

it('leaves the process as it was: nothing tracks its promises from then on', async () => {
  const program = join(import.meta.dirname, '../../../test/async-hooks-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program]);
  expect(stdout.trim()).toBe('untracked');
});
