import { createTwoFilesPatch } from 'diff';

import { templates } from '../../../templates/index.ts';
import { templatesFolder } from '../../app/folders.ts';
import { PermanentError } from '../../core/errors.ts';
import { loadTemplates } from '../../render/load.ts';
import { readBundle } from '../../render/version/bundle.ts';
import { findVersion, readVersion } from '../../render/version/template-versions.ts';
import { UsageError } from '../failure.ts';
import type { BrandsSession, Session } from '../session.ts';
import { type Paint, paintFor, print } from '../terminal.ts';
import { prefixOf } from './point.ts';
import { nameVersion, requireTemplate } from './words.ts';

type Files = ReadonlyMap<string, Buffer>;

/** Prints what differs, file by file, as a patch. */
export async function diffVersions(a: string, b: string, session: BrandsSession): Promise<void> {
  if (a === 'folder')
    throw new UsageError('name a version first: laurel templates diff <hash> folder');
  const from = await read(a, session);
  const to =
    b === 'folder'
      ? { template: from.template, name: b, files: await readFolder(from.template, session) }
      : await read(b, session);
  if (from.template !== to.template)
    throw new PermanentError(
      'other-template',
      `${from.name} is of ${from.template}, ${to.name} of ${to.template}`,
    );
  const paths = [...new Set([...from.files.keys(), ...to.files.keys()])].toSorted();
  const changed = paths.filter((path) => !same(from.files.get(path), to.files.get(path)));
  if (changed.length === 0) return print('nothing differs');
  const paint = paintFor(process.stdout);
  for (const path of changed)
    await print(
      coloured(
        createTwoFilesPatch(
          `${from.name}/${path}`,
          `${to.name}/${path}`,
          from.files.get(path)?.toString() ?? '',
          to.files.get(path)?.toString() ?? '',
        ),
        paint,
      ),
    );
}

const same = (a: Buffer | undefined, b: Buffer | undefined) =>
  a !== undefined && b !== undefined && a.equals(b);

async function read(version: string, { pool, tenant }: Session) {
  const { template, hash } = await findVersion(pool, tenant, null, prefixOf(version));
  const stored = await readVersion(pool, hash);
  const files: Files = stored?.files ?? new Map<string, Buffer>();
  return { template, name: nameVersion(hash), files };
}

async function readFolder(template: string, { brands }: BrandsSession): Promise<Files> {
  requireTemplate(template);
  const set = await loadTemplates({
    root: templatesFolder,
    definitions: templates.filter(({ name }) => name === template),
    brands,
  });
  return (await readBundle(templatesFolder, set, template)).files;
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
