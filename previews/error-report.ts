import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { InvalidInput } from '../src/core/errors.ts';
import { type SourceProblem, TemplateError } from '../src/render/source/problems.ts';
import { type SourceLocation, LocatedError } from '../src/render/source/source-location.ts';
import type { ErrorReport } from './protocol.ts';

type Problem = ErrorReport['problems'][number];

const linesAround = 3;

/** Any failure as something a person can put right: a plain sentence, and where it is known the file, line and code. */
export function errorReportOf(
  error: unknown,
  root: string,
  title = 'This can’t be shown',
): ErrorReport {
  if (error instanceof TemplateError) {
    const causes = causesAmong(error.problems);
    return {
      title: causes.length === 1 ? 'One thing is wrong' : `${causes.length} things are wrong`,
      problems: causes.map(({ file, line, path, message }) =>
        located(root, {
          file: /^(fixtures\/|laurel\.config\.)/.test(file) ? file : `templates/${file}`,
          message: path === undefined || path === '' ? message : `${path}: ${message}`,
          ...(line !== undefined && { line }),
        }),
      ),
    };
  }
  if (error instanceof InvalidInput)
    return {
      title,
      problems: error.problems.map(({ path, message }) => ({ message: `${path} ${message}` })),
    };
  const message = error instanceof Error ? error.message : String(error);
  const location = locationOf(error);
  if (location) {
    const { file, line } = location;
    return { title, problems: [located(root, { message, file: `templates/${file}`, line })] };
  }
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return { title, problems: [codeProblem(message, stack, root)] };
}

const unclosed = / is not closed in this file$/;
/** What is said of whatever stands within something that was never closed. */
const follows = /^MJML does not read |stands within| closes nothing$|^is not valid Handlebars/;

/**
 * The causes alone: what isn't closed, said once, instead of all that stands wrong because of it; and of one place the first
 * thing that was found there.
 */
function causesAmong(problems: readonly SourceProblem[]): readonly SourceProblem[] {
  const open = problems.filter(({ message }) => unclosed.test(message));
  const innermost = new Map(open.map((problem) => [problem.file, problem]));
  const causes =
    open.length === 0
      ? problems
      : problems.filter((problem) =>
          unclosed.test(problem.message)
            ? innermost.get(problem.file) === problem
            : !follows.test(problem.message),
        );
  const places = new Map<string, SourceProblem>();
  for (const problem of causes) {
    const { file, line, path = '', message } = problem;
    const place = `${file} ${line ?? message} ${path}`;
    if (!places.has(place)) places.set(place, problem);
  }
  return [...places.values()];
}

/** The same once a file was saved: what is wrong in it comes first, and which it was is said. */
export function reportSince(report: ErrorReport, saved: readonly string[]): ErrorReport {
  const first = ({ file }: Problem) => (file !== undefined && saved.includes(file) ? 0 : 1);
  const [name] = saved;
  const problems = report.problems.toSorted((one, other) => first(one) - first(other));
  return {
    title: name === undefined ? report.title : `${report.title} since ${name} was saved`,
    problems,
  };
}

/** Where in a template's files a mail failed. */
function locationOf(error: unknown): SourceLocation | undefined {
  if (error instanceof LocatedError) return error.location;
  return error instanceof Error && error.cause !== undefined ? locationOf(error.cause) : undefined;
}

/** Where a failing `.ts` file stands: a syntax error says so in its message, anything else in its stack. */
function codeProblem(message: string, stack: string, root: string): Problem {
  const syntax = /(?:^|\n)(\S[^\n]*?):(\d+):\d+: ERROR: ([^\n]+)/.exec(message);
  if (syntax) {
    const [, file = '', line = '', what = message] = syntax;
    return located(root, {
      message: what,
      file: relative(root, resolve(root, file)),
      line: Number(line),
    });
  }
  for (const [, place = '', line = ''] of stack.matchAll(
    /\(?((?:file:\/\/)?\/[^\s():]+):(\d+):\d+/g,
  )) {
    const path = place.startsWith('file:') ? fileURLToPath(place) : place;
    const file = relative(root, path);
    if (/^(templates|fixtures)\//.test(file))
      return located(root, { message: firstLine(message), file, line: Number(line) });
  }
  return { message: firstLine(message) };
}

function located(root: string, problem: Problem): Problem {
  const { file, line } = problem;
  if (file === undefined || line === undefined || isAbsolute(file) || file.startsWith('..'))
    return problem;
  try {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    const from = Math.max(1, line - linesAround);
    return {
      ...problem,
      frame: lines
        .slice(from - 1, line + linesAround)
        .map((text, index) => ({ line: from + index, text, here: from + index === line })),
    };
  } catch {
    // The file is gone or was renamed since: the sentence stands without its lines.
    return problem;
  }
}

const firstLine = (text: string) => text.split('\n').find((line) => line.trim() !== '') ?? text;
