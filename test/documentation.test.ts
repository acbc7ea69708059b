import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openProgram } from '../src/cli/program.ts';
import { type FreshDatabase, fixtureDatabase, freshDatabase } from './database.ts';
import { type Fence, fencesOf } from './documentation/page.ts';
import { openReader, type Reader } from './documentation/reader.ts';
import { compile } from './scratch-checkout.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const fences = new Map(
  pages.map((page) => [page, fencesOf(page, readFileSync(join(root, page), 'utf8'))]),
);
const all = [...fences.values()].flat();

const commandLine: Command = await openProgram();

/** The first word of a command line that the program doesn't know; null where it knows all. */
function unknownIn(words: readonly string[]): string | null {
  let command = commandLine;
  let depth = 0;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
    depth += 1;
  }
  const first = words[depth];
  if (depth === 0 || (command.commands.length > 0 && first !== undefined && /^[a-z]/.test(first)))
    return first ?? 'nothing';
  const known = new Set(['--help', ...command.options.map(({ long }) => long)]);
  return (
    words.flatMap((word) => /^--[a-z-]+/.exec(word)?.[0] ?? []).find((one) => !known.has(one)) ??
    null
  );
}

/** Some ten minutes more: followed by `npm run docs`. */
const long = ['docs/operating.md', 'docs/cli.md', 'docs/preview.md', 'docs/templates.md'];

/** Two people: one goes through README and on to the pages that build on the demo, another starts with a page of her own. */
const ways: readonly (readonly string[])[] = [
  [
    'README.md',
    'docs/campaigns.md',
    'docs/preferences.md',
    'docs/webhooks-out.md',
    ...(process.env['DOCS'] === 'all' ? long : []),
  ],
  ['docs/integrating.md'],
];

/** Followed by `contributing.test.ts` and `package.test.ts`. */
const added = ['docs/extending.md', 'docs/rules.md', 'docs/project.md', 'docs/start-engineers.md'];

const runs = new Set(['sh', 'console', 'sql', 'ts']);
const isDone = (fence: Fence) =>
  fence['no-run'] === undefined &&
  (runs.has(fence.language) ||
    fence.file !== undefined ||
    fence.into !== undefined ||
    fence.post !== undefined);

describe('fences', () => {
  it('leave out of the test only what no test can run', () => {
    const left = all.filter((fence) => fence['no-run'] !== undefined);
    expect(left.map(({ page, ...fence }) => `${page}: ${fence['no-run']}`)).toEqual([
      'README.md: it fetches packages',
      'docs/operating.md: a deployment',
      'docs/performance.md: it takes minutes, and a machine of its own',
      'docs/reliability.md: it takes half an hour',
      'docs/start-engineers.md: it fetches packages',
      'docs/start-marketers.md: it stays up',
      'docs/templates.md: it accepts what changed',
    ]);
  });

  it('are followed on every page that has something to do', () => {
    const followed = new Set([...ways.flat(), ...long, ...added]);
    expect(
      all.filter((one) => isDone(one) && !followed.has(one.page)).map((one) => one.page),
    ).toEqual([]);
  });

  it('say of what kind they are', () => {
    const known = /^(sh|console|sql|tsx?|json|ndjson|csv|mjml|html|hbs|text)$/;
    expect(
      all.filter((one) => !known.test(one.language)).map((one) => `${one.page}:${one.line}`),
    ).toEqual([]);
  });
});

describe('names', () => {
  const prose = [
    ...pages,
    ...readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`),
    ...readdirSync(join(root, 'src')).map((room) => `src/${room}/README.md`),
  ].filter((page) => existsSync(join(root, page)));
  const made = new Set(all.flatMap(({ file }) => file ?? []));
  /** Of brands and templates that examples make as they go. */
  const invented = /^(templates|fixtures)\/(brands\/aurora|aurora|receipt)\b/;

  it('of files and folders are those there are', () => {
    const path =
      /(?<![\w./-])((?:src|test|templates|queues|previews|fixtures|docs|bench|scripts)\/[\w./-]*\w)(?![\w<*{…/-])/g;
    const named = prose.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(path)].map(([, name = '']) => ({
        page,
        name,
      })),
    );
    expect(named.length).toBeGreaterThan(120);
    expect(
      named
        .filter(
          ({ name }) => !made.has(name) && !invented.test(name) && !existsSync(join(root, name)),
        )
        .map(({ page, name }) => `${page}: ${name}`),
    ).toEqual([]);
  });

  it('of links lead somewhere', () => {
    const links = prose.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(
        ([, to = '']) => ({ page, to }),
      ),
    );
    expect(links.length).toBeGreaterThan(80);
    expect(
      links
        .filter(({ page, to }) => !existsSync(join(root, dirname(page), to)))
        .map(({ page, to }) => `${page}: ${to}`),
    ).toEqual([]);
  });

  it('of commands and their options are those there are', () => {
    const commands = prose.flatMap((page) =>
      [
        ...readFileSync(join(root, page), 'utf8').matchAll(
          /(?:`|^ *(?:\$ )?|[|(] *)laurel ([a-z][^`|)\n#]*)/gm,
        ),
      ].map(([, command = '']) => ({
        page,
        command,
        unknown: unknownIn(command.trim().split(/\s+/)),
      })),
    );
    expect(commands.length).toBeGreaterThan(100);
    expect(
      commands
        .filter(({ unknown }) => unknown !== null)
        .map(({ page, command, unknown }) => `${page}: laurel ${command} (${unknown})`),
    ).toEqual([]);
  });

  it('of decisions are all in their list, under their own numbers', () => {
    const files = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d/.test(name));
    const list = readFileSync(join(root, 'docs/decisions/README.md'), 'utf8');
    const listed = [...list.matchAll(/^(\d+)\. \[[^\]]+\]\((\S+)\)/gm)];
    expect(listed.map(([, , file]) => file)).toEqual(files.toSorted());
    expect(listed.map(([, number]) => Number(number))).toEqual(
      files.map((name) => Number(name.slice(0, 4))),
    );
  });

  it('of a member are "the member" and "they"', () => {
    const she = pages.filter((page) =>
      /\b(she|her|hers|herself)\b/i.test(readFileSync(join(root, page), 'utf8')),
    );
    expect(she).toEqual([]);
  });
});

describe.each(ways)('whoever follows %s', (...way) => {
  let database: FreshDatabase;
  let reader: Reader;
  beforeAll(async () => {
    // With the members that the demo would load: it finds them there.
    database = way.includes('README.md') ? await fixtureDatabase() : await freshDatabase();
    reader = await openReader(database.url, { edits: way.some((page) => long.includes(page)) });
  }, 600_000);
  afterAll(async () => {
    await reader.close();
    await database.close();
  });

  it.each(way)('D3, D4: can do all that %s says', { timeout: 1_800_000 }, async (page) => {
    const shell = reader.open();
    try {
      const steps = (fences.get(page) ?? []).filter(isDone);
      const program = steps.filter(
        (one) => one.language === 'ts' && one.file === undefined && one.into === undefined,
      );
      const module = `${page.replace(/\.md$/, '')}.ts`;
      for (const fence of steps) {
        if (!program.includes(fence)) await shell.follow(fence);
        // The parts of a page's program are one, as its imports and names are.
        else if (fence === program.at(-1)) {
          await write(reader.folder, module, program.map(({ body }) => body).join('\n'));
          const script = `node --import tsx ${module}`;
          await shell.follow({ ...fence, language: 'sh', body: script });
        }
      }
      expect(steps.length).toBeGreaterThan(0);
    } finally {
      shell.close();
    }
  });

  it('has programs that compile', { timeout: 300_000 }, async () => {
    const programs = way
      .filter((page) => fences.get(page)?.some(({ language }) => language === 'ts'))
      .map((page) => `${page.replace(/\.md$/, '')}.ts`);
    expect(programs.length).toBeGreaterThan(0);
    expect(await compile(reader.folder, programs)).toBe('');
  });
});

async function write(folder: string, file: string, text: string) {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}
