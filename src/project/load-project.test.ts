import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { messageRules, offerRules } from '../decision/rules/index.ts';
import { TemplateError } from '../render/source/problems.ts';
import { loadProject } from './load-project.ts';
import { projectFolder } from './project-folder.ts';

let ground: string;
beforeAll(async () => {
  ground = await mkdtemp(join(tmpdir(), 'laurel-project-'));
  await symlink(join(import.meta.dirname, '../..'), join(ground, 'laurel'));
});
afterAll(() => rm(ground, { recursive: true, force: true }));

let projects = 0;
/** A project whose configuration is this, after lines that import what it is made of. */
async function project(config: string, files: Record<string, string> = {}): Promise<string> {
  const folder = join(ground, `p${++projects}`);
  const head = [
    `import { defineConfig } from '../laurel/src/project/config.ts';`,
    `import { defineRule } from '../laurel/src/decision/policy.ts';`,
    `import { pass } from '../laurel/src/decision/rules/rule.ts';`,
    '',
  ];
  for (const [name, text] of Object.entries({
    'laurel.config.ts': `${head.join('\n')}${config}`,
    'package.json': '{ "type": "module" }',
    ...files,
  })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const problemsOf = async (folder: string) => {
  const error: unknown = await loadProject(folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof TemplateError)) throw error;
  return error.problems.map(
    ({ file, line, path, message }) => `${file}:${line} ${path}: ${message}`,
  );
};

it('finds the nearest configuration around a folder, and without one the package’s own', async () => {
  const folder = await project('export default defineConfig({ templates: [] });');
  await mkdir(join(folder, 'a/b'), { recursive: true });
  expect(projectFolder(join(folder, 'a/b'))).toBe(folder);
  expect(projectFolder(tmpdir())).toBe(join(import.meta.dirname, '../..'));
});

it('puts a project’s rules in their places, and takes templates of the package by name', async () => {
  const folder = await project(`
const rule = (name: string, place: object) =>
  defineRule({ name, version: 1, about: 'offer', check: () => pass(), ...place });
export default defineConfig({
  templates: ['welcome'],
  rules: [rule('first', { before: 'never-bought' }), rule('second', { after: 'first' }), rule('last', {})],
});`);
  const { policy, templates } = await loadProject(folder);
  const names = offerRules.map(({ name }) => name);
  expect(policy.offerRules.map(({ name }) => name)).toEqual(['first', 'second', ...names, 'last']);
  expect(policy.messageRules).toEqual(messageRules);
  expect(templates.map(({ name }) => name)).toEqual(['welcome']);
});

it('names file, line and what to do for every mistake at once', async () => {
  const folder = await project(`export default defineConfig({
  templates: ['welcome', 'welcom', 'welcome'],
  rules: [
    defineRule({ name: 'a', version: 1, about: 'offer', before: 'nobody', check: () => pass() }),
    defineRule({ name: 'never-bought', version: 1, about: 'offer', check: () => pass() }),
  ],
  sources: [{ kind: 'http', open: () => { throw new Error(); } }],
} as never);`);
  const problems = await problemsOf(folder);
  expect(problems.map((one) => one.split(':', 2).join(':').replace(/ .*/, ''))).toEqual([
    'laurel.config.ts:5',
    'laurel.config.ts:5',
    'laurel.config.ts:7',
    'laurel.config.ts:8',
    'laurel.config.ts:10',
  ]);
  expect(problems.join('\n')).toMatch(/templates\.1: the package has no template "welcom"; it has/);
  expect(problems.join('\n')).toMatch(/a stands before "nobody", which is no rule about the same/);
  expect(problems.join('\n')).toMatch(/sources\.0: there is "http" already/);
});

it('tells what is no rule, no template and no setting', async () => {
  const folder = await project(`export default {
  templates: [3],
  rules: [{ name: 'Not Kebab' }],
  templats: [],
};`);
  const problems = await problemsOf(folder);
  expect(problems.join('\n')).toMatch(/laurel\.config\.ts:5 templates\.0: is no template/);
  expect(problems.join('\n')).toMatch(/laurel\.config\.ts:6 rules\.0\.name: must be named like/);
  expect(problems.join('\n')).toMatch(/templats/);
});

it('says so where there is no default export', async () => {
  const folder = await project('export const config = defineConfig({ templates: [] });');
  expect(await problemsOf(folder)).toEqual([
    expect.stringMatching(/^laurel\.config\.ts:1 .*must export a configuration as its default/),
  ]);
});
