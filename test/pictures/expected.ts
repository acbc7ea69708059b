import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import sharp from 'sharp';

import { isMissing } from '../../src/core/code-of.ts';

const folder = join(import.meta.dirname, 'expected');
const fileOf = (name: string) => join(folder, `${name}.png`);

/** The names of all pictures that were accepted: `juniper/welcome`. */
export async function acceptedNames(): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch(orIfMissing([]));
  return files
    .filter((file) => file.endsWith('.png'))
    .map((file) => file.slice(0, -4).replaceAll('\\', '/'))
    .toSorted();
}

/** How a mail looked when somebody last said that it looks right; null for one nobody has looked at. */
export const accepted = (name: string): Promise<Buffer | null> =>
  readFile(fileOf(name)).catch(orIfMissing(null));

/** From now on this is how it has to look. Few colours: a mail has no more, and the file is a third. */
export async function accept(name: string, picture: Buffer): Promise<void> {
  await mkdir(dirname(fileOf(name)), { recursive: true });
  const small = await sharp(picture)
    .png({ palette: true, colours: 64, dither: 0, effort: 10, compressionLevel: 9 })
    .toBuffer();
  await writeFile(fileOf(name), small);
}

export const forget = (name: string): Promise<void> => rm(fileOf(name));

function orIfMissing<Value>(value: Value) {
  return (error: unknown): Value => {
    if (isMissing(error)) return value;
    throw error;
  };
}
