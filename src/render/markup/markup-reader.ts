import type { Expression } from '../handlebars/expression.ts';
import { contentElements } from '../mjml/mjml-elements.ts';
import { lineAt } from '../source/json-file.ts';
import type { SourceProblem } from '../source/problems.ts';

/** An open element while a file is read. Shared with the partials that stand in it. */
export type OpenElement = {
  readonly name: string;
  readonly line: number;
  /** Read by MJML, not part of the html within its elements. */
  readonly mjml: boolean;
};

export type MarkupEvents = {
  /** Markup as written; `css` where no html is read. */
  readonly text: (text: string, line: number, css: boolean) => void;
  readonly expression: (expression: Expression) => void;
  readonly partial: (expression: Expression) => void;
  /** A condition in the tag of an html element that decides what a style sheet would find there. */
  readonly restyled: (expression: Expression) => void;
  /** Takes what MJML itself lets pass though it does no good. Null: that is a mistake here. */
  readonly note: ((problem: SourceProblem) => void) | null;
  /** From `<name` of an MJML element on; then its attributes; then `inside`, and what stands in it. */
  readonly element: (name: string, line: number) => void;
  readonly attribute: (name: string) => void;
  readonly endAttribute: () => void;
  readonly inside: () => void;
  readonly endElement: (close: string) => void;
};

/** Stands where a comment for authors stood: MJML counts it, and nothing else is to be seen of it. */
export const emptyComment = '<!---->';

export const isMjml = (name: string): boolean => /^mj(ml$|-)/.test(name);

/** A condition that is open: how many elements stand around it, and the tag or attribute it belongs to (-1: none). */
export type OpenCondition = {
  readonly expression: Expression;
  readonly depth: number;
  /** The elements around it. */
  readonly around: readonly OpenElement[];
  readonly scope: number;
};

type Setting = {
  readonly source: string;
  readonly file: string;
  /** All of the source, in order. */
  readonly expressions: readonly Expression[];
  /** What is open around the file. */
  readonly stack: OpenElement[];
  readonly events: MarkupEvents;
};

/** Where in a file a walk is, what is open there, and what was found wrong. */
export class MarkupReader {
  readonly source: string;
  readonly file: string;
  readonly stack: OpenElement[];
  readonly events: MarkupEvents;
  readonly problems: SourceProblem[] = [];
  readonly blocks: OpenCondition[] = [];
  /** How many elements were open before this file. */
  readonly ground: number;
  at = 0;
  readonly #expressions: readonly Expression[];
  /** White space that a `~` does away with: MJML adds some of its own, which it must not reach. */
  readonly #dropped: readonly (readonly [from: number, to: number])[];
  #next = 0;

  constructor({ source, file, expressions, stack, events }: Setting) {
    this.source = source;
    this.file = file;
    this.stack = stack;
    this.events = events;
    this.ground = stack.length;
    this.#expressions = expressions;
    this.#dropped = expressions.flatMap((expression) => blanksAround(source, expression));
  }

  get hasExpressions(): boolean {
    return this.#expressions.length > 0;
  }

  /** The next `{{…}}` that wasn't read yet, or one further on. */
  ahead(by = 0): Expression | undefined {
    return this.#expressions[this.#next + by];
  }

  expressionHere(): Expression | undefined {
    const expression = this.ahead();
    return expression?.start === this.at ? expression : undefined;
  }

  /** Goes past a `{{…}}`. */
  take(expression: Expression): void {
    this.#next += 1;
    this.at = expression.end;
  }

  /** What a sticky pattern finds here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source);
  }

  /** Tells of the markup up to `end`, and goes there. */
  passTo(end: number, css = false): void {
    this.emit(this.at, end, css);
    this.at = end;
  }

  emit(from: number, to: number, css = false): void {
    let at = from;
    for (const [start, end] of this.#dropped) {
      if (end <= at || start >= to) continue;
      this.#tell(at, start, css);
      at = end;
    }
    this.#tell(at, to, css);
  }

  #tell(from: number, to: number, css: boolean): void {
    if (to > from) this.events.text(this.source.slice(from, to), this.line(from), css);
  }

  /** Tells of markup the file hasn't got. */
  place(text: string): void {
    this.events.text(text, this.line(), false);
  }

  line(position = this.at): number {
    return lineAt(this.source, position);
  }

  refuse(position: number, message: string): void {
    this.problems.push({ file: this.file, line: this.line(position), message });
  }

  /** What MJML itself lets pass: a mistake, unless the reading is lenient. */
  complain(position: number, message: string): void {
    if (this.events.note) this.events.note({ file: this.file, line: this.line(position), message });
    else this.refuse(position, message);
  }

  parent(): OpenElement | undefined {
    return this.stack.at(-1);
  }

  /** Whether MJML reads elements here, and drops everything else. */
  structural(): boolean {
    const top = this.parent();
    return top === undefined || (top.mjml && isMjml(top.name) && !contentElements.has(top.name));
  }
}

/** The white space before `{{~` and after `~}}`. */
function blanksAround(
  source: string,
  { source: written, start, end }: Expression,
): [number, number][] {
  const before = written.startsWith('{{~') ? /\s*$/.exec(source.slice(0, start))?.[0].length : 0;
  const after = written.endsWith('~}}') ? /^\s*/.exec(source.slice(end))?.[0].length : 0;
  const ranges: [number, number][] = [];
  if (before) ranges.push([start - before, start]);
  if (after) ranges.push([end, end + after]);
  return ranges;
}
