import { mkdtempSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';

import { describe, expect, it } from 'vitest';

/** What everybody may use: primitives, what a brand is, the shapes that rooms hand each other. */
const words = ['src/core', 'src/brand', 'src/contract'] as const;

/** Who may import whom. A folder always sees itself; anything else must be listed. The first match of a path counts. */
const may: Record<string, readonly string[]> = {
  'src/core': [],
  'src/brand': ['src/core'],
  'src/contract': ['src/core', 'src/brand'],
  'src/postgres': ['src/core'],
  // Rows of files and bodies, whatever they mean.
  'src/table': ['src/core'],
  'src/transports': words,
  // Publications are rows; the rest of rendering knows no database.
  'src/render/version': [...words, 'src/render', 'src/postgres'],
  'src/render/thread': [...words, 'src/render', 'src/render/version'],
  // Charts are drawn for mails, and for those that show them by address.
  'src/render/picture': [...words, 'src/render'],
  'src/render': [...words, 'src/render/picture'],
  // Texts in little room, whatever they mean.
  'src/message/packing': ['src/core', 'src/postgres'],
  // What other rooms' transactions do to messages: wake those that wait, stop, forget.
  'src/message/rows': [...words, 'src/postgres', 'src/message/packing'],
  'src/ledger': [...words, 'src/postgres', 'src/message/rows'],
  // Other systems' records on their way to the ledger: from files (cli) and webhooks (http).
  'src/ingest': ['src/core', 'src/postgres', 'src/ledger'],
  // Which addresses may be reached at all: whoever calls out asks it.
  'src/profile/sources/address-guard.ts': ['src/profile'],
  'src/profile': [...words, 'src/postgres', 'src/ledger', 'src/profile/sources/address-guard.ts'],
  'src/decision': [...words, 'src/profile', 'src/render'],
  templates: [...words, 'src/decision', 'src/render'],
  // What failures mean: one table, which also says what became of messages.
  'src/delivery/failure.ts': words,
  'src/message': [
    ...words,
    'src/postgres',
    'src/message/packing',
    'src/message/rows',
    'src/render/version',
    'src/decision',
    'src/delivery/failure.ts',
  ],
  // What became of mails, in figures.
  'src/stats': ['src/core', 'src/contract', 'src/postgres', 'src/message/rows', 'src/table'],
  // What is told of mails that have left.
  'src/feedback': ['src/core', 'src/postgres', 'src/message', 'src/stats'],
  // When a commercial message goes; codes that it shows.
  'src/turn': [...words, 'src/postgres', 'src/decision', 'src/render'],
  'src/coupon': [...words, 'src/postgres', 'src/message/rows'],
  // What makes messages of events and states.
  'src/trigger': [
    ...words,
    'src/postgres',
    'src/ledger',
    'src/profile',
    'src/message',
    'src/render',
  ],
  'src/delivery': [
    ...words,
    'src/outgoing/standard-webhook.ts',
    'src/delivery/failure.ts',
    'src/config.ts',
    'src/metrics.ts',
    'src/postgres',
    'src/profile',
    'src/render',
    'src/decision',
    'src/message',
  ],
  // Told of what others do; loaded only where somebody asks for traces.
  'src/telemetry': [...words, 'src/delivery'],
  'src/campaign': [
    ...words,
    'src/postgres',
    'src/table',
    'src/ledger',
    'src/profile',
    'src/render/version',
    'src/message',
    'src/message/rows',
    'src/coupon',
    'src/stats',
  ],
  'src/members/mask.ts': [],
  // One member for support and privacy: profile, ledger, messages and why they look as they do.
  'src/members': [
    ...words,
    'src/members/mask.ts',
    'src/postgres',
    'src/ledger',
    'src/profile',
    'src/decision',
    'src/message',
    'src/transports',
  ],
  // Other systems are told what happens; how that is signed holds for alerts as well.
  'src/outgoing/standard-webhook.ts': [],
  'src/outgoing': [
    ...words,
    'src/postgres',
    'src/members/mask.ts',
    'src/profile/sources/address-guard.ts',
    'src/outgoing/standard-webhook.ts',
  ],
  queues: [...words, 'src/message', 'src/postgres'],
  'src/http': [
    ...words,
    'src/postgres',
    'src/table',
    'src/ingest',
    'src/ledger',
    'src/decision',
    'src/message',
    'src/delivery',
    'src/feedback',
    'src/coupon',
    'src/campaign',
    'src/stats',
    'src/members',
    'src/outgoing',
    'src/render/version',
    'src/render/picture',
    'src/context.ts',
    'src/metrics.ts',
  ],
  // Made-up people and what happened to them, as the ledger has them on any day.
  'src/personas': [...words, 'src/postgres', 'src/ledger', 'src/profile', 'src/render'],
  fixtures: [...words, 'src/postgres', 'src/ledger', 'src/personas', 'templates'],
  previews: [...words, 'src/personas', 'src/render', 'src/decision', 'src/project'],
  // `laurel check`: makes every mail and looks at it as a careful sender would.
  'src/check': [...words, 'src/decision', 'src/render', 'src/personas'],
  // Nothing on a mail's way knows it.
  'src/import-template': [...words, 'src/render', 'src/check', 'src/personas', 'src/project'],
  // What `laurel.config.ts` says: the package's own things of each kind with a project's.
  'src/project': [
    ...words,
    'src/decision',
    'src/render',
    'src/profile',
    'src/transports',
    // Its webhook adapters alone.
    'src/http',
  ],
  'src/config.ts': ['src/core', 'src/contract', 'src/transports', 'queues'],
  'src/metrics.ts': ['src/delivery'],
  // The small context that routes and commands work with.
  'src/context.ts': [...words, 'src/config.ts', 'src/render'],
  'src/app': ['src', 'queues'],
  // It alone starts the preview, which no build has.
  'src/cli/preview.ts': ['src', 'previews'],
  'src/cli': ['src', 'queues', 'fixtures'],
  // What others import; nobody here does.
  'src/package': ['src', 'templates'],
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

const rooms = ['src', 'src/render'].flatMap((parent) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`),
);

it.each(rooms)('%s says what it is for, and has at most thirty files', (room) => {
  expect(readFileSync(join(room, 'README.md'), 'utf8').length).toBeGreaterThan(60);
  const direct = files.filter((file) => dirname(file) === room && room !== 'src/cli');
  expect(direct.length).toBeLessThanOrEqual(room.startsWith('src/render/') ? 20 : 30);
});

it.each(files)('%s imports only what its folder may', (file) => {
  expect(forbiddenImports('.', file)).toEqual([]);
});

it('has no cycle of imports', () => {
  expect(findCycle('.', files)).toBeUndefined();
});

it('only core, contract, rules and blocks are pure: they import nothing that does I/O', () => {
  // A digest is as pure as a sum; what else that package does isn't.
  const digest = "import { createHash } from 'node:crypto';";
  const pure = files.filter((file) => /^src\/(core|brand|contract|decision)\//.test(file));
  const packages = pure.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8')
        .replace(digest, '')
        .matchAll(/from '([^.'][^']*)'/g),
    ].map((match) => `${file}: ${match[1]}`),
  );
  expect(packages.filter((one) => !/: (zod|node:url)$/.test(one))).toEqual([]);
});

it('no file asks `URL.canParse`, which Node forgets how to answer: `parseUrl` says the same for ever', () => {
  const asking = files.filter((file) =>
    /\bURL\.canParse\(/.test(readFileSync(file, 'utf8').replaceAll(/^\s*\*.*$/gm, '')),
  );
  expect(asking).toEqual([]);
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
    const base = planted({
      'src/decision/rules/bad.ts': `import { x } from '../../message/messages.ts';`,
    });
    expect(forbiddenImports(base, 'src/decision/rules/bad.ts')).toEqual([
      'src/message/messages.ts',
    ]);
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
