import { type FileHandle, open } from 'node:fs/promises';

import { isRecord } from '../../core/is-record.ts';
import type { Row } from '../../table/row.ts';

/** Columns of ours in a file of rejects: they are left out when it is imported. */
export const rejectColumns = ['laurel_line', 'laurel_reason'] as const;

/** How the file is written that was imported. */
export type RejectsForm =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'csv';
      readonly delimiter: string;
      /** Its line with the columns' names. */
      readonly names: string | undefined;
      /** Whether UTF-8 must be marked as such, because the mapping says otherwise. */
      readonly marked: boolean;
    };

/** A file in the form of the imported one, with the rows that were not applied, their line and why. */
export type Rejects = {
  readonly path: string;
  readonly write: (rows: readonly Row[], reason: string) => Promise<void>;
  /** Puts it on disk. @returns its length in bytes */
  readonly flush: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Made with the first reject. @param keep bytes of an earlier run that stay; what comes after them is written again */
export function openRejects(path: string, form: RejectsForm, keep: number): Rejects {
  let file: FileHandle | undefined;
  let size = keep;
  let unsaved = false;
  const append = async (text: string) => {
    const bytes = Buffer.from(text);
    if (!file) {
      // Rejects name people, as the imported file does.
      file = await open(path, keep > 0 ? 'r+' : 'w', 0o600);
      await file.truncate(keep);
      if (keep === 0 && form.kind === 'csv') {
        if (form.marked) await append('\uFEFF');
        if (form.names !== undefined)
          await append(`${[form.names, ...rejectColumns].join(form.delimiter)}\n`);
      }
    }
    await file.write(bytes, 0, bytes.length, size);
    size += bytes.length;
    unsaved = true;
  };
  return {
    path,
    write: async (rows, reason) => {
      for (const row of rows) await append(`${lineFor(row, reason, form)}\n`);
    },
    flush: async () => {
      if (unsaved) await file?.datasync();
      unsaved = false;
      return size;
    },
    close: async () => file?.close(),
  };
}

function lineFor(row: Row, reason: string, form: RejectsForm): string {
  const quoted = `"${reason.replaceAll('"', '""')}"`;
  if (form.kind === 'csv') return [row.text, row.line, quoted].join(form.delimiter);
  const ours = { laurel_line: row.line, laurel_reason: reason };
  // What isn't JSON is kept as text.
  return JSON.stringify(
    row.kind === 'row' && isRecord(row.value)
      ? { ...row.value, ...ours }
      : { laurel_text: row.text, ...ours },
  );
}
