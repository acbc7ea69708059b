import { isAbsolute, normalize } from 'node:path';

import type { TemplateSet } from '../load.ts';
import { TemplateError } from '../source/problems.ts';
import { filesIn } from '../source/template-files.ts';
import { type Code, codeOf, contentHash } from './code.ts';

/** How a template looks and what it says, as it was at one time, and the code that was made for. */
export type Bundle = {
  readonly template: string;
  /** Of all of it: the version. */
  readonly hash: string;
  /** Null in versions from before code was left out of them; it is among their files, where nobody looks for it. */
  readonly code: Code | null;
  /** Contents by path within the templates folder. */
  readonly files: ReadonlyMap<string, Buffer>;
};

/** Gathers a template's looks and words from the templates folder it was loaded from. */
export async function readBundle(
  set: Pick<TemplateSet, 'root' | 'looksOf' | 'definition'>,
  template: string,
): Promise<Bundle> {
  const looks = filesIn(set.root);
  const files = await Promise.all(
    set.looksOf(template).map(async (path): Promise<[string, Buffer]> => {
      const text = await looks.read(path);
      if (text === undefined) throw new TemplateError([{ file: path, message: 'is gone' }]);
      return [path, Buffer.from(text)];
    }),
  );
  return bundleOf(template, new Map(files), await codeOf(set.root, set.definition(template)));
}

/**
 * @param files contents by path
 * @throws TemplateError for a path that leads out of the templates folder
 */
export function bundleOf(
  template: string,
  files: ReadonlyMap<string, Buffer>,
  code: Code | null,
): Bundle {
  const stray = [...files.keys()].filter(
    (path) => isAbsolute(path) || normalize(path) !== path || path.startsWith('..'),
  );
  if (stray.length > 0)
    throw new TemplateError(
      stray.map((file) => ({ file, message: 'is no path within the templates folder' })),
    );
  const hashes = new Map([...files].map(([path, content]) => [path, contentHash(content)]));
  const hash = code ? hashOf(template, hashes, code) : hashWithCode(template, hashes);
  return { template, hash, code, files };
}

/** What a version was made for; the code that older ones have among their files. */
export const madeFor = ({ code, files }: Pick<Bundle, 'code' | 'files'>): Code =>
  code ??
  new Map(
    [...files].flatMap(([path, content]) =>
      /\.[jt]sx?$/.test(path) ? [[path, contentHash(content)]] : [],
    ),
  );

/** Looks and words by path, as what compiles them reads them; whatever else a version holds is never looked at. */
export const looksIn = ({ files }: Pick<Bundle, 'files'>): Map<string, string> =>
  new Map(
    [...files].flatMap(([path, content]) =>
      /\.(mjml|html|hbs|json)$/.test(path) ? [[path, content.toString('utf8')]] : [],
    ),
  );

type Hashes = ReadonlyMap<string, string>;

const sorted = (hashes: Hashes) => [...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1));

const hashOf = (template: string, files: Hashes, code: Code): string =>
  contentHash(JSON.stringify(['laurel template 2', template, sorted(files), sorted(code)]));

/** Of versions from before code was left out of them. */
const hashWithCode = (template: string, files: Hashes): string =>
  contentHash(
    [
      `laurel template 1\n${template}\n`,
      ...sorted(files).map(([path, hash]) => `${path}\n${hash}\n`),
    ].join(''),
  );
