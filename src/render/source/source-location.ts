import { PermanentError, TemporaryError } from '../../core/errors.ts';
import type { TemplateRoot } from './template-files.ts';

/** Where something is written in a template's files. */
export type SourceLocation = {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
};

/** A mail can't be made, and its message begins with the exact location. */
export class LocatedError extends PermanentError {
  /** Undefined where the message alone tells it. */
  readonly location: SourceLocation | undefined;

  constructor(
    code: PermanentError['code'],
    message: string,
    options: ErrorOptions & { readonly location?: SourceLocation } = {},
  ) {
    super(code, message, options);
    this.location = options.location;
  }
}

/** `order-confirmation/body.mjml:14:9`. */
export const locationText = ({ file, line, column }: SourceLocation): string =>
  `${file}:${line}${column === undefined ? '' : `:${column}`}`;

/** The same failure with the location where it happened, and what is written there. What has a location, or may heal, stays as it is. */
export function located(error: unknown, location: SourceLocation, written = ''): unknown {
  if (error instanceof TemporaryError || error instanceof LocatedError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const where = written === '' ? locationText(location) : `${locationText(location)} ${written}`;
  const joint = message.startsWith('is ') ? ' ' : ': ';
  const code = error instanceof PermanentError ? error.code : 'render-failed';
  return new LocatedError(code, `${where}${joint}${message}`, { cause: error, location });
}

/**
 * The innermost line of a stack that is in the templates folder: what its author wrote, where source maps are on (in a
 * built Laurel its sources lie beside the built files).
 * @param root where templates lie
 */
export function locationInStack(error: unknown, root: TemplateRoot): SourceLocation | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const roots = typeof root === 'string' ? [root] : root.templates;
  const folders = roots.flatMap((one) => [one, one.replace(/\/dist\/(?=[^/]+$)/, '/')]);
  for (const line of error.stack.split('\n')) {
    const [, path = '', at, column] =
      /^\s+at .*?(?:file:\/\/)?(\/[^?:()]+?)(?:\?[^:()]*)?:(\d+):(\d+)\)?$/.exec(line) ?? [];
    const folder = folders.find((one) => decodeURI(path).startsWith(`${one}/`));
    if (folder !== undefined)
      return {
        file: decodeURI(path).slice(folder.length + 1),
        line: Number(at),
        column: Number(column),
      };
  }
  return undefined;
}

/**
 * The column in which something stands that was found at `start` of a source, undefined where components were put in before it
 * on its line.
 * @param lines of the file as its author wrote it
 */
export function columnAt(
  lines: readonly string[],
  source: string,
  {
    start,
    line,
    source: written,
  }: { readonly start: number; readonly line: number; readonly source: string },
): { readonly column?: number } {
  const column = start - source.lastIndexOf('\n', start - 1);
  const [first = ''] = written.split('\n', 1);
  return lines[line - 1]?.startsWith(first, column - 1) === true ? { column } : {};
}
