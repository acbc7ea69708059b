import { type FileHandle, open } from 'node:fs/promises';

import { rejectColumns, type FileRow, type Form } from './read-rows.ts';

/** A file in the form of the imported one, with the rows that were not applied, their line and why. */
export type Rejects = {
  readonly path: string;
  readonly write: (rows: readonly FileRow[], reason: string) => Promise<void>;
  /** Puts it on disk. @returns its length in bytes */
  readonly flush: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Made with the first reject. @param keep bytes of an earlier run that stay; what comes after them is written again */
export function openRejects(path: string, form: Form, keep: number): Rejects {
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
        if (form.header !== undefined)
          await append(`${[form.header, ...rejectColumns].join(form.delimiter)}\n`);
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

function lineFor(row: FileRow, reason: string, form: Form): string {
  const quoted = `"${reason.replaceAll('"', '""')}"`;
  if (form.kind === 'csv') return [row.text, row.line, quoted].join(form.delimiter);
  const ours = { laurel_line: row.line, laurel_reason: reason };
  // What isn't JSON is kept as text.
  return JSON.stringify(
    row.kind === 'row' ? { ...row.row, ...ours } : { laurel_text: row.text, ...ours },
  );
}
