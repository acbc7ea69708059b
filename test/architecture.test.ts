import { mkdtempSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';

import { describe, expect, it } from 'vitest';

/** Who may import whom. A folder always sees itself; anything else must be listed. The first match of a path counts. */
const may: Record<string, readonly string[]> = {
  'src/core': [],
  'src/postgres': ['src/core'],
  'src/rules': ['src/core'],
  'src/blocks': ['src/core'],
  'src/render': ['src/core'],
  // The ledger's transaction also wakes the messages that wait for an event, and empties those of whom it forgets.
  'src/ledger': ['src/core', 'src/blocks', 'src/postgres', 'src/stores'],
  'src/profiles': ['src/core', 'src/postgres', 'src/ledger'],
  'src/stores': ['src/core', 'src/postgres'],
  'src/transports': ['src/core'],
  templates: ['src/core', 'src/blocks', 'src/render'],
  'src/send': [
    'src/core',
    'src/rules',
    'src/blocks',
    'src/render',
    'src/profiles',
    'src/stores',
    'src/postgres',
    'src/ledger',
  ],
  // One member for support and privacy: her profile, ledger, messages and why they look as they do.
  'src/members': [
    'src/core',
    'src/postgres',
    'src/ledger',
    'src/profiles',
    'src/stores',
    'src/send',
  ],
  queues: ['src/core', 'src/send', 'src/stores', 'src/postgres', 'templates'],
  // Other systems' records on their way to the ledger: from files (cli) and webhooks (http).
  'src/ingest': ['src/core', 'src/ledger'],
  'src/http': [
    'src/core',
    'src/send',
    'src/stores',
    'src/ledger',
    'src/ingest',
    'src/postgres',
    'queues',
    'src/members',
  ],
  previews: [
    'src/core',
    'src/send',
    'src/render',
    'src/blocks',
    'src/rules',
    'src/profiles',
    'templates',
    'fixtures',
  ],
  fixtures: [
    'src/core',
    'src/ledger',
    'src/profiles',
    'src/postgres',
    'src/render',
    'src/stores',
    'templates',
  ],
  'src/config.ts': ['src/core'],
  'src/metrics.ts': ['src/stores'],
  'src/app': ['src', 'queues', 'templates', 'previews', 'fixtures'],
  'src/cli': ['src', 'queues', 'templates', 'previews', 'fixtures'],
  'src/main.ts': ['src'],
};

const roots = ['src', 'templates', 'queues', 'previews', 'fixtures'];

function sourceFiles(base: string): string[] {
  return roots.flatMap((root) =>
    readdirSync(join(base, root), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          /\.tsx?$/.test(file) &&
          !/\.test\.|\.contract\.|(^|\/)(node_modules|dist|ui)\//.test(file),
      )
      .map((file) => join(root, file)),
  );
}

const areaOf = (path: string) =>
  Object.keys(may).find((area) => path === area || path.startsWith(`${area}/`));

/** Relative imports of a file, also type-only and dynamic ones, as paths from the root. */
function importsOf(base: string, file: string): string[] {
  const text = readFileSync(join(base, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    normalize(join(dirname(file), match[1] ?? '')),
  );
}

function forbiddenImports(base: string, file: string): string[] {
  const area = areaOf(file);
  if (!area) return [`${file} is in no known folder`];
  return importsOf(base, file).filter((path) => {
    const target = areaOf(path);
    if (target === area) return false;
    return (
      !target ||
      !may[area]?.some((allowed) => target === allowed || target.startsWith(`${allowed}/`))
    );
  });
}

/** One cycle of imports, or nothing. */
function findCycle(base: string, files: readonly string[]): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    done.add(file);
    for (const next of importsOf(base, file).filter((one) => files.includes(one))) {
      const cycle = visit(next, [...path, file]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const file of files) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

const files = sourceFiles('.');

it.each(files)('%s imports only what its folder may', (file) => {
  expect(forbiddenImports('.', file)).toEqual([]);
});

it('has no cycle of imports', () => {
  expect(findCycle('.', files)).toBeUndefined();
});

it('only core, rules and blocks are pure: they import nothing that does I/O', () => {
  const pure = files.filter((file) => /^src\/(core|rules|blocks)\//.test(file));
  const packages = pure.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/from '([^.'][^']*)'/g)].map(
      (match) => `${file}: ${match[1]}`,
    ),
  );
  expect(packages.filter((one) => !/: (zod|node:url)$/.test(one))).toEqual([]);
});

const planted = (contents: Record<string, string>) => {
  const base = mkdtempSync(join(tmpdir(), 'laurel-architecture-'));
  for (const root of roots) mkdirSync(join(base, root), { recursive: true });
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(join(base, dirname(file)), { recursive: true });
    writeFileSync(join(base, file), text);
  }
  return base;
};

describe('the check itself', () => {
  it('finds a rule that reaches for a store', () => {
    const base = planted({ 'src/rules/bad.ts': `import { x } from '../stores/messages.ts';` });
    expect(forbiddenImports(base, 'src/rules/bad.ts')).toEqual(['src/stores/messages.ts']);
  });

  it('finds a dynamic import, and a file outside every folder', () => {
    const base = planted({
      'src/core/bad.ts': `await import('../http/app.ts');`,
      'src/stray.ts': '',
    });
    expect(forbiddenImports(base, 'src/core/bad.ts')).toEqual(['src/http/app.ts']);
    expect(forbiddenImports(base, 'src/stray.ts')).toHaveLength(1);
  });

  it('finds a cycle', () => {
    const base = planted({
      'src/core/a.ts': `import type { B } from './b.ts';`,
      'src/core/b.ts': `import type { A } from './a.ts';`,
    });
    expect(findCycle(base, sourceFiles(base))).toEqual([
      'src/core/a.ts',
      'src/core/b.ts',
      'src/core/a.ts',
    ]);
  });
});
