import { z } from 'zod';

import { InvalidInput, type Problem } from '../../core/errors.ts';
import { sourceKinds } from './index.ts';
import { Common, Precedence } from './settings.ts';
import type { Source, SourceKind, SourceParts } from './source.ts';

/** A brand's sources, checked, not opened yet. */
export type SourcesFile = {
  /** In the file's order. */
  readonly sources: readonly {
    readonly name: string;
    readonly settings: Common;
    /** @throws InvalidInput naming the setting that can't work here */
    readonly open: (parts: SourceParts) => Source;
  }[];
  readonly precedence: Precedence;
};

const most = 8;
const fileOf = (kinds: readonly string[]) =>
  z.strictObject({
    $schema: z.string().optional(),
    sources: z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a name such as loyalty-platform'),
        z.looseObject({ kind: z.enum(kinds, `must be ${kinds.join(', ')}`) }),
      )
      .refine((sources) => Object.keys(sources).length <= most, `has more than ${most} sources`)
      .refine(
        (sources) => !('ledger' in sources),
        'must not name one ledger: that is Laurel’s own',
      ),
    precedence: Precedence,
  });

/** Reads a brand's `sources.json`. @throws InvalidInput with every mistake, each with its path in the file */
export function parseSources(value: unknown, kinds = sourceKinds): SourcesFile {
  const parsed = fileOf(kinds.map(({ kind }) => kind)).safeParse(value);
  if (!parsed.success)
    throw new InvalidInput(parsed.error.issues.flatMap((issue) => problemsIn([], issue)));
  const problems: Problem[] = [];
  const sources = Object.entries(parsed.data.sources).flatMap(([name, raw]) => {
    const read = parseSource(name, raw, problems, kinds);
    return read ? [read] : [];
  });
  const { precedence } = parsed.data;
  for (const [field, names] of Object.entries(precedence))
    for (const [place, name] of names.entries()) {
      const found = Object.hasOwn(parsed.data.sources, name);
      const path = `precedence.${field}.${place}`;
      if (name !== 'ledger' && !found)
        problems.push({ path, message: `there is no source "${name}"` });
      const settings = sources.find((one) => one.name === name)?.settings;
      if (settings && !Object.keys(settings.map).includes(field))
        problems.push({ path, message: `${name} does not map ${field}` });
    }
  if (problems.length > 0) throw new InvalidInput(problems);
  return { sources, precedence };
}

function parseSource(
  name: string,
  raw: Readonly<Record<string, unknown>>,
  problems: Problem[],
  kinds: readonly SourceKind[],
): SourcesFile['sources'][number] | undefined {
  const kind = kinds.find((one) => one.kind === raw['kind']);
  if (!kind) return undefined;
  const at = ['sources', name];
  const common = Common.safeParse(raw);
  const own = kind.settings.safeParse(raw);
  const known = ['kind', ...Object.keys(Common.shape), ...kind.keys];
  const unknown = Object.keys(raw).filter((key) => !known.includes(key));
  for (const key of unknown)
    problems.push({
      path: [...at, key].join('.'),
      message: `is no setting of kind ${kind.kind}; there are ${known.join(', ')}`,
    });
  for (const { error } of [common, own])
    problems.push(...(error?.issues ?? []).flatMap((issue) => problemsIn(at, issue)));
  if (!common.success || !own.success || unknown.length > 0) return undefined;
  return {
    name,
    settings: common.data,
    open: (parts) => {
      try {
        return kind.open(raw, common.data, parts);
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        throw new InvalidInput(
          error.problems.map(({ path, message }) => ({ path: [...at, path].join('.'), message })),
        );
      }
    },
  };
}

/** A mistake at its place; of names that don't belong, each at its own. */
function problemsIn(at: readonly string[], issue: z.core.$ZodIssue): Problem[] {
  const path = [...at, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'does not belong here',
    }));
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
  return [{ path: path.join('.'), message: message ?? issue.message }];
}
