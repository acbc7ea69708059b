import { InvalidInput, type Problem } from '../core/errors.ts';

/** A row as it stands in the file: its line, from 1, and its text (empty where that was too long to keep). */
export type Row = { readonly line: number; readonly text: string } & (
  | {
      readonly kind: 'row';
      /** Texts by column, or a JSON value that can be stored. */
      readonly value: unknown;
    }
  | {
      readonly kind: 'broken';
      /** Below the row; `record` is all of it. */
      readonly problems: readonly Problem[];
      /** Columns as far as they can be told apart, which says what the row belongs to. */
      readonly value?: Readonly<Record<string, string>>;
    }
);

export const broken = (line: number, text: string, message: string): Row => ({
  kind: 'broken',
  line,
  text,
  problems: [{ path: 'record', message }],
});

export const tooLong = (line: number, maxBytes: number): Row =>
  broken(line, '', `is larger than ${maxBytes.toLocaleString('en')} bytes`);

/** What makes the rest of a file unreadable, or all of it. */
export const wrongLine = (line: number, message: string): InvalidInput =>
  new InvalidInput([{ path: `line ${line}`, message }]);

export const notUtf8 = 'is not UTF-8 text; save the file as UTF-8';
