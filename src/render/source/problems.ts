import { PermanentError } from '../../core/errors.ts';

/** One thing wrong with a template's or brand's file, and what to do about it. */
export type SourceProblem = {
  /** Relative to the templates folder: `order-confirmation/body.mjml`. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** JSON path within the file: `colours.light.accent`. */
  readonly path?: string;
  readonly message: string;
};

/** What is wrong at a place somebody else knows. `harmless`: MJML lets it pass, and nothing bad comes of it. */
export type Complaint = { readonly message: string; readonly harmless?: boolean };

/** Templates or brands that can't be used as they are written: every problem at once, in the order of files and lines. */
export class TemplateError extends PermanentError {
  override readonly name = 'TemplateError';
  readonly problems: readonly SourceProblem[];

  constructor(problems: readonly SourceProblem[]) {
    const sorted = unique(problems).toSorted(
      (a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0),
    );
    super('bad-template', sorted.map(describe).join('\n'));
    this.problems = sorted;
  }
}

function describe({ file, line, path, message }: SourceProblem): string {
  const where = line === undefined ? file : `${file}:${line}`;
  return path === undefined ? `${where}: ${message}` : `${where} ${path}: ${message}`;
}

function unique(problems: readonly SourceProblem[]): SourceProblem[] {
  return [...new Map(problems.map((problem) => [describe(problem), problem])).values()];
}
