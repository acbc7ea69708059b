import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { render } from '@react-email/render';
import { type ComponentType, createElement } from 'react';
import { describe, expect, it, vi } from 'vitest';

import { documentTrees } from '../../test/fixtures-render/document-tree.ts';
import { brandFiles, folderWith, viewOf } from '../../test/fixtures-render/folder.ts';
import { testFolder } from '../../test/folder.ts';
import { checkTemplates } from '../check/run.ts';
import type { Template } from '../contract/template.ts';
import { loadTemplates } from '../render/load.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { importReact } from './react.ts';
import { readComponent } from './read-component.ts';

const project = new URL('../..', import.meta.url).pathname;
const corpus = join(project, 'test', 'fixtures-import', 'react');
const siteUrl = 'https://roast.example';

// Where their own environment would say the same as the brand.
for (const name of ['VERCEL_URL', 'BASE_URL', 'NEXT_PUBLIC_SITE'])
  vi.stubEnv(name, name === 'VERCEL_URL' ? siteUrl.replace('https://', '') : siteUrl);

const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'schema' in value;

const isComponent = (value: unknown): value is ComponentType<object> => typeof value === 'function';

type Props = Record<string, unknown>;
const isProps = (value: unknown): value is Props => typeof value === 'object' && value !== null;

async function defaultOf(path: string): Promise<ComponentType<object>> {
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(path).href);
  if (isProps(module) && isComponent(module['default'])) return module['default'];
  throw new Error(`${path} has no component`);
}

/** Imports a component as it is, writes its folder, and loads it. */
async function imported(file: string) {
  const component = await readComponent({ file, project: join(project, 'test'), siteUrl });
  const setting = { name: 'from-react', locales: ['en'], brands: ['roast'] };
  const result = importReact(setting, component);
  const all = Object.entries(brandFiles).map(([path, content]) => [`templates/${path}`, content]);
  const own = [...result.files].map(([path, content]) => [
    path,
    content
      .replaceAll("'../../src/", `'${project}src/`)
      .replaceAll("'../fields.ts'", `'${project}templates/fields.ts'`),
  ]);
  // Within the project, so that what components import is found.
  const root = await folderWith(Object.fromEntries([...all, ...own]), join(project, 'test'));
  const folder = join(root, 'templates', 'from-react');
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(join(folder, 'template.ts')).href
  );
  const definition = Object.values(module ?? {}).find(isTemplate);
  if (!definition) throw new Error('template.ts exports no template');
  const [entry = ''] = component.files.keys();
  return {
    ...result,
    definition,
    root: join(root, 'templates'),
    entry: join(folder, entry),
    props: component.props,
  };
}

const files = readdirSync(corpus).filter((file) => file.endsWith('.tsx'));

describe('a React Email component, unmodified', () => {
  it.each(files)('%s comes out as render() of React Email makes it', async (file) => {
    const path = join(corpus, file);
    const { definition, root, entry, sample, props } = await imported(path);
    const brands = await loadBrands(root);
    const set = await loadTemplates({ root, definitions: [definition], brands });
    const compiled = set.compiled('from-react', 'roast', 'en');
    // One of them asks for a package that isn't installed here, under its other name.
    const foreign = readFileSync(path, 'utf8').includes("from 'react-email'");
    const theirs = await defaultOf(foreign ? entry : path);
    const data = isProps(sample) ? sample : {};
    const whole = isProps(props) ? props : data;
    const needed = Object.keys(data).filter(
      (name) => !definition.schema.safeParse({ ...data, [name]: undefined }).success,
    );
    const only = (from: Props) =>
      Object.fromEntries(Object.entries(from).filter(([name]) => needed.includes(name)));
    const cases: [Props, Props][] = [[data, whole]];
    // What may be left out, left out; where the component itself can do without a date.
    if (!Object.values(whole).some((value) => value instanceof Date))
      cases.push([only(data), only(whole)]);
    for (const [given, same] of cases) {
      const { html } = compiled.render(viewOf({ data: definition.schema.parse(given) }));
      const reference = await render(createElement(theirs, same));
      expect(comparable(html)).toEqual(comparable(reference));
    }
  });

  it.each(['deploy-invite.tsx', 'hub-access-token.tsx'])('%s passes the checks', async (file) => {
    const { definition, root } = await imported(join(corpus, file));
    const { findings, mails } = await checkTemplates({
      root,
      folder: testFolder,
      definitions: [definition],
    });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(mails).toBeGreaterThan(0);
  });

  it('R10: loads one from outside the checkout whose example holds JSX, and says that no message can carry that', async () => {
    const { sample, open, definition } = await imported(join(corpus, 'jsx/note-with-jsx.tsx'));
    expect(sample).toEqual({ name: 'Ana', steps: [{ words: 'Unpack' }, { words: 'Brew' }] });
    expect(definition.schema.safeParse(sample).success).toBe(true);
    for (const name of ['note', 'steps.0.icon'])
      expect(open).toContainEqual(
        expect.stringMatching(new RegExp(`^Component\\.tsx:\\d+: ${name} is given as JSX`)),
      );
    const folder = await folderWith({
      'far.tsx': readFileSync(join(corpus, 'jsx/note-with-jsx.tsx'), 'utf8'),
    });
    // With what an author's machine has: tsx, which knows no setting for files outside the project.
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        'src/cli/laurel.ts',
        'import-template',
        join(folder, 'far.tsx'),
        '--dry-run',
      ],
      { cwd: project, encoding: 'utf8' },
    );
    expect([stderr.includes('React is not defined'), status]).toEqual([false, 0]);
    expect(stdout).toContain('This completes the process.');
  }, 240_000);

  it('looks at addresses in the finished mail, where the source doesn’t show them', async () => {
    const { definition, root } = await imported(join(corpus, 'deploy-invite.tsx'));
    const set = await loadTemplates({
      root,
      definitions: [definition],
      brands: await loadBrands(root),
    });
    const compiled = set.compiled('from-react', 'roast', 'en');
    const view = viewOf({ data: { inviteLink: 'vbscript:x' } });
    expect(() => compiled.render(view)).toThrow(/is not an http/);
  });
});

/** Without remote fonts, which are left out. */
const comparable = (html: string) =>
  documentTrees(html.replace(/src: url\([^)]*\) format\([^)]*\);/g, ''));
