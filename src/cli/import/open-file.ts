import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { PermanentError } from '../../core/errors.ts';
import type { Mapping } from '../../ingest/mapping.ts';
import { reasonOf } from '../failure.ts';
import { type Input, openInput } from '../input.ts';
import { type Group, groupRows } from './group-rows.ts';
import { type Form, readRows } from './read-rows.ts';

/** Opens a file for an import, unpacked where it ends in `.gz`. */
export async function openFile(
  file: string,
  mapping: Mapping | undefined,
): Promise<{
  readonly input: Input;
  readonly form: Form;
  readonly groups: AsyncIterable<Group>;
}> {
  const input = await openInput(file);
  const chunks = file.endsWith('.gz') ? unpacked(input) : input.chunks;
  const { form, rows } = await readRows(chunks, mapping);
  return { input, form, groups: groupRows(rows, mapping?.groupBy) };
}

async function* unpacked(input: Input): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(Readable.from(input.chunks), gunzip, () => {}); // a failure ends the iteration below
  const chunks: AsyncIterable<Uint8Array> = gunzip;
  try {
    yield* chunks;
  } catch (error) {
    throw new PermanentError('gzip', `cannot unpack ${input.name}: ${reasonOf(error)}`);
  }
}
