import { createTwoFilesPatch } from 'diff';

import { readBundle as readStored } from '../../app/versions.ts';
import { PermanentError } from '../../core/errors.ts';
import { loadTemplates } from '../../render/load.ts';
import { type Bundle, madeFor, readBundle } from '../../render/version/bundle.ts';
import { otherCode } from '../../render/version/code.ts';
import { findVersion } from '../../render/version/template-versions.ts';
import { UsageError } from '../failure.ts';
import type { BrandsSession, Session } from '../session.ts';
import { type Paint, paintFor, print } from '../terminal.ts';
import { prefixOf } from './point.ts';
import { nameVersion, requireTemplate } from './words.ts';

/** Prints what differs, file by file, as a patch; of code, which no version holds, in which files. */
export async function diffVersions(
  a: string,
  b: string,
  session: BrandsSession,
  json: boolean,
): Promise<void> {
  if (a === 'folder')
    throw new UsageError('name a version first: laurel templates diff <hash> folder');
  const from = await read(a, session);
  const to =
    b === 'folder'
      ? { name: b, ...(await readFolder(from.template, session)) }
      : await read(b, session);
  if (from.template !== to.template)
    throw new PermanentError(
      'other-template',
      `${from.name} is of ${from.template}, ${to.name} of ${to.template}`,
    );
  const paths = [...new Set([...from.files.keys(), ...to.files.keys()])].toSorted();
  const changed = paths.filter((path) => !same(from.files.get(path), to.files.get(path)));
  const code = otherCode(madeFor(from), madeFor(to));
  const files = changed.map((path) => ({
    path,
    patch: createTwoFilesPatch(
      `${from.name}/${path}`,
      `${to.name}/${path}`,
      from.files.get(path)?.toString() ?? '',
      to.files.get(path)?.toString() ?? '',
    ),
  }));
  if (json)
    return print(
      JSON.stringify({ template: to.template, from: from.name, to: to.name, files, code }, null, 2),
    );
  if (changed.length === 0 && code.length === 0) return print('nothing differs');
  const paint = paintFor(process.stdout);
  for (const { patch } of files) await print(coloured(patch, paint));
  if (code.length > 0)
    await print(
      `made for other code, which comes with a deployment and is in no version: ${code.join(', ')}`,
    );
}

const same = (a: Buffer | undefined, b: Buffer | undefined) =>
  a !== undefined && b !== undefined && a.equals(b);

async function read(version: string, { pool, tenant }: Session) {
  const { template, hash } = await findVersion(pool, tenant, null, prefixOf(version));
  return { ...(await readStored(pool, hash)), template, name: nameVersion(hash) };
}

async function readFolder(
  template: string,
  { brands, project: { root, templates } }: BrandsSession,
): Promise<Bundle> {
  requireTemplate(templates, template);
  const set = await loadTemplates({
    root,
    definitions: templates.filter(({ name }) => name === template),
    brands,
  });
  return readBundle(set, template);
}

/** A patch without its first line, which says nothing. */
const coloured = (patch: string, paint: Paint) =>
  patch
    .split('\n')
    .filter((line) => !/^=+$/.test(line))
    .map((line) => {
      if (/^(---|\+\+\+) /.test(line)) return paint('bold', line);
      if (line.startsWith('+')) return paint('green', line);
      return line.startsWith('-') ? paint('red', line) : line;
    })
    .join('\n')
    .trimEnd();
