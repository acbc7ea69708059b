import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { PermanentError } from '../src/core/errors.ts';
import type { Persona } from '../src/personas/persona.ts';
import { mergePatchOf, type Sample, type Variation } from '../src/personas/samples.ts';
import { valueAt } from '../src/personas/what-if.ts';
import type { SavePersonaRequest } from './protocol.ts';
import { openScene, type Scene, type Staged } from './scene.ts';
import type { Workshop } from './workshop.ts';

/**
 * Writes what is tried on a persona down as one of its own, with the same ledger: what is other about the member into the
 * brand's personas, what is other about the message as a sample that is this persona's.
 * @returns the persona's id, and the files, relative to the root
 * @throws InvalidInput for changes that don't fit
 */
export async function savePersona(
  workshop: Workshop,
  { request, title, reads }: SavePersonaRequest,
): Promise<{ readonly id: string; readonly files: readonly string[] }> {
  const scene = await openScene(workshop, request);
  const staged = await scene.stage(scene.asked);
  const { persona, fixtures, brand, definition } = scene;
  const folder = join(workshop.project.fixtures, brand.id);
  const id = freeId(`${persona.id} ${title}`, fixtures.personas);
  const { profile } = staged;
  const paths = [
    ...Object.keys(request.set),
    ...(request.locale !== undefined && profile ? ['locale'] : []),
  ];
  const changed = { ...profile, ...(request.locale !== undefined && { locale: request.locale }) };
  const { expect: _, ...same } = persona;
  const set = {
    ...persona.set,
    ...Object.fromEntries(paths.map((path) => [path, valueAt(changed, path)])),
  };
  const read = { ...persona.reads, ...reads };
  const saved = {
    ...same,
    id,
    title,
    story: `${persona.title}; saved from the preview of “${definition.title}”.`,
    stories: [],
    ...(Object.keys(set).length > 0 && { set }),
    ...(Object.keys(read).length > 0 && { reads: read }),
  };
  const own = variationOf(scene, staged, id, title);
  const people = join(folder, 'personas.json');
  const sample = join(folder, 'samples', definition.name, `${id}.json`);
  // First what the other refers to.
  if (own) {
    await mkdir(dirname(sample), { recursive: true });
    await writeFile(sample, `${JSON.stringify(own, null, 2)}\n`);
  }
  await writeFile(people, withEntry(await readFile(people, 'utf8'), saved));
  return {
    id,
    files: [...(own ? [sample] : []), people].map((file) => relative(workshop.root, file)),
  };
}

/** A list in a file with one more at its end; all before it stays as it is written. */
function withEntry(file: string, entry: object): string {
  const end = file.lastIndexOf(']');
  if (end === -1) throw new PermanentError('bad-fixtures', 'personas.json is no list');
  const before = file.slice(0, end).trimEnd();
  const lines = JSON.stringify(entry, null, 2).replaceAll(/^/gm, '  ');
  return `${before}${before.endsWith('[') ? '' : ','}\n${lines}\n${file.slice(end)}`;
}

/** Kebab case, and nobody's yet. */
function freeId(words: string, personas: readonly Pick<Persona, 'id'>[]): string {
  const plain = words
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 80)
    .replaceAll(/^-|-$/g, '');
  for (let count = 1; ; count++) {
    const id = count === 1 ? plain : `${plain}-${count}`;
    if (personas.every((one) => one.id !== id)) return id;
  }
}

/** The message as a sample of this persona; null where it is the usual one. */
function variationOf(
  { sample, samples, asked }: Scene,
  { data }: Staged,
  id: string,
  title: string,
): Variation | null {
  const [usual] = samples;
  const edited = new Set(Object.keys(asked.data).map((path) => path.split('.')[0] ?? ''));
  if (!usual || (sample === usual && edited.size === 0)) return null;
  const message: Record<string, unknown> = { ...sample.data };
  for (const key of edited) message[key] = data[key];
  const said = Object.keys({ ...usual.data, ...message }).filter(
    (key) => edited.has(key) || !isDeepStrictEqual(message[key], usual.data[key]),
  );
  const repeat = Object.fromEntries(
    said.flatMap((key) => {
      const times = repeatedIn(message[key], usual, key);
      return times === null ? [] : [[key, times]];
    }),
  );
  return {
    title,
    personas: [id],
    with: Object.fromEntries(
      said
        .filter((key) => !(key in repeat))
        .map((key) => [key, mergePatchOf(usual.data[key], message[key])]),
    ),
    repeat,
    own: Object.fromEntries(
      Object.entries(sample.own).filter(
        ([path, text]) => usual.own[path] !== text && !edited.has(path.split('.')[0] ?? ''),
      ),
    ),
  };
}

/** How many entries it has, where they are the usual ones in turn. */
function repeatedIn(value: unknown, usual: Sample, key: string): number | null {
  const list = usual.data[key];
  if (!Array.isArray(value) || !Array.isArray(list) || list.length === 0) return null;
  if (Object.keys(usual.own).some((path) => path.split('.')[0] === key)) return null;
  return value.every((one, index) => isDeepStrictEqual(one, list[index % list.length]))
    ? value.length
    : null;
}
