import { isAbsolute, join } from 'node:path';

import { z } from 'zod';

import { SourceFault } from './fault.ts';
import { type FileStamp, readRecords, stampOf } from './file-records.ts';
import { pick } from './path.ts';
import { defineSource, keyOf, type Source } from './source.ts';

/** How often it is looked whether the file changed, and how long it must have been left alone to be whole. */
const [lookEveryMs, settledMs] = [1_000, 1_000];

const Settings = z.object({
  /** Absolute, or below LAUREL_DIR. */
  path: z.string().min(1),
  /** By its ending where left out. */
  format: z.enum(['csv', 'ndjson', 'json']).optional(),
  /** For JSON: where the list of people is. */
  items: z.string().default(''),
});

type Loaded = {
  readonly stamp: FileStamp;
  /** By key; null where two records have the same one. */
  readonly records: ReadonlyMap<string, unknown>;
};

/**
 * A file that another system writes: CSV with a header, NDJSON, or JSON. Held in memory by key, and read again when it
 * changes. A new one that can't be read, or is still being written, leaves the old one in place with its own time.
 */
export const file = defineSource({
  kind: 'file',
  settings: Settings,
  open: ({ path: given, format, items }, { by, identity }, { folder, now }): Source => {
    const path = isAbsolute(given) ? given : join(folder, given);
    const load = async (stamp: FileStamp): Promise<Loaded> => {
      const records = new Map<string, unknown>();
      for await (const record of readRecords(path, format, items)) {
        const key = keyOf(by, pick(record, identity));
        if (key !== null) records.set(key, records.has(key) ? null : record);
      }
      const after = await stampOf(path);
      if (after?.changedAt !== stamp.changedAt || after.size !== stamp.size)
        throw new SourceFault('down', 'was changed while it was read', true);
      return { stamp, records };
    };

    let loaded: Loaded | undefined;
    let failure: SourceFault | undefined;
    let refused: FileStamp | undefined;
    let lookedAt = -Infinity;
    let looking: Promise<void> | undefined;

    const look = async () => {
      const stamp = await stampOf(path);
      lookedAt = now().getTime();
      if (!stamp) {
        failure = new SourceFault('down', 'is not there');
        loaded = undefined;
        return;
      }
      if (isSame(stamp, loaded?.stamp) || isSame(stamp, refused)) return;
      // Half a file would be read as people who are gone, or figures that are cut off.
      if (now().getTime() - stamp.changedAt < settledMs) {
        failure = new SourceFault('down', 'is being written', true);
        return;
      }
      try {
        loaded = await load(stamp);
        failure = undefined;
        refused = undefined;
      } catch (error) {
        failure = faultOf(error);
        if (!failure.again) refused = stamp;
      }
    };
    const current = async (): Promise<Loaded> => {
      if (now().getTime() - lookedAt >= lookEveryMs)
        await (looking ??= look().finally(() => (looking = undefined)));
      if (loaded) return loaded;
      throw failure ?? new SourceFault('down', 'has not been read yet', true);
    };

    return {
      ask: async (key) => {
        const { records, stamp } = await current();
        const record = records.get(key);
        if (record === null) throw new SourceFault('garbage', 'tells of the member twice');
        return record === undefined ? null : { record, asOf: new Date(stamp.changedAt) };
      },
      check: async () => {
        const { records } = await current();
        if (failure) throw failure;
        return `${records.size} people in ${path}`;
      },
      close: async () => {},
    };
  },
});

const isSame = (one: FileStamp, other: FileStamp | undefined) =>
  other !== undefined && one.changedAt === other.changedAt && one.size === other.size;

const faultOf = (error: unknown): SourceFault =>
  error instanceof SourceFault ? error : new SourceFault('down', 'cannot be read', true);
