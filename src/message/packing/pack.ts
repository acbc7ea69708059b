import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What texts of a kind have in common; its id follows from that. */
export type Dictionary = { readonly id: string; readonly bytes: Buffer };

/*
 * A packed text: the id of the dictionary it was packed by, zeros where by none, and raw deflate.
 */
const idBytes = 6;
const none = '00'.repeat(idBytes);

/** A window for dictionary and text, and tables no larger than what is small needs: they are set up for each. */
const thrifty = { level: 3, windowBits: 14, memLevel: 6, chunkSize: 4_096 } as const;

export function dictionaryOf(text: string): Dictionary {
  const bytes = Buffer.from(text);
  const id = createHash('sha256').update(bytes).digest('hex');
  return { id: id.slice(0, 2 * idBytes), bytes };
}

export const pack = (text: string, by: Dictionary | null): Buffer =>
  Buffer.concat([
    Buffer.from(by?.id ?? none, 'hex'),
    deflateRawSync(text, by ? { ...thrifty, dictionary: by.bytes } : thrifty),
  ]);

/** The id of the dictionary that `unpack` needs; null where it needs none. */
export function packedBy(packed: Buffer): string | null {
  const id = packed.toString('hex', 0, idBytes);
  return id === none ? null : id;
}

export const unpack = (packed: Buffer, by: Dictionary | null): string =>
  inflateRawSync(packed.subarray(idBytes), by ? { dictionary: by.bytes } : {}).toString();
