import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { codeOf } from '../core/code-of.ts';
import { PermanentError } from '../core/errors.ts';
import { UsageError } from './failure.ts';

/** Something to read, from a file or from stdin, with how far one is. */
export type Input = {
  /** For messages: the file's name, or `stdin`. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** In bytes; undefined where nobody knows. */
  readonly size: number | undefined;
  readonly read: () => number;
};

/** Opens `file`; stdin where it is `-` or left out. @throws PermanentError when it can't be read, UsageError on a bare terminal. */
export async function openInput(file: string | undefined): Promise<Input> {
  if (file === undefined || file === '-') {
    if (file === undefined && process.stdin.isTTY)
      throw new UsageError('name a file, or pipe something in; --help shows examples');
    return counted('stdin', process.stdin, undefined);
  }
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new PermanentError('input', `${file} is a folder; name a file`);
    return counted(file, createReadStream(file), found.isFile() ? found.size : undefined);
  } catch (error) {
    if (error instanceof PermanentError) throw error;
    const code = codeOf(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code || String(error);
    throw new PermanentError('input', `cannot read ${file}: ${why}`);
  }
}

function counted(name: string, stream: AsyncIterable<unknown>, size: number | undefined): Input {
  let read = 0;
  async function* chunks() {
    for await (const chunk of stream) {
      const bytes = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
      read += bytes.length;
      yield bytes;
    }
  }
  return { name, size, chunks: chunks(), read: () => read };
}

/** Groups what a stream gives into arrays of at most `size`. */
export async function* inBatches<Item>(
  items: AsyncIterable<Item>,
  size: number,
): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
