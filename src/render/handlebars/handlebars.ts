import Handlebars from 'handlebars';

import { directionOf } from '../../brand/direction.ts';
import type { PreEncodedHtml } from '../../contract/email.ts';
import type { LinkedData } from '../../contract/linked-data.ts';
import { PermanentError } from '../../core/errors.ts';
import { escapeHtml } from '../escape.ts';
import { JsonLd } from '../json-ld.ts';
import { collectFixed } from '../mime/pre-encoded.ts';
import { type SourceLocation, located, LocatedError } from '../source/source-location.ts';
import { isolate, withoutOverrides, withoutSteering } from '../voice/bidi.ts';
import { isDateStyle } from '../voice/format.ts';
import type { Voice } from '../voice/voice.ts';
import { openBudget } from './budget.ts';
import { generate } from './generate.ts';
import { hasInverse, isBlock, isContent, isMustache, isPath, isString } from './handlebars-ast.ts';

/** What of a `{{…}}` must be known when something is wrong with it. */
export type Origin = SourceLocation & { readonly source: string };

export type Origins = {
  /** Of the values of the source, in their order. */
  readonly origins: readonly Origin[];
  /** Of its conditions and loops, `{{else if …}}` included, in the order in which they begin. */
  readonly openings: readonly Origin[];
};

type Options = Origins & { readonly voice: Voice };

/** Context → text. @throws PermanentError for values that can't be shown. */
type CompiledHandlebars = (context: object) => string;

/** Compiles the checked source of a text part; values are left as they are but for controls. */
export const compileText = (source: string, options: Options): CompiledHandlebars =>
  compileHandlebars(source, { ...options, mode: 'text' }, asItIs, lengthOf);

/** Compiles the checked source of an html part; values are escaped. What is the same for everyone is encoded now. */
export function compileHtml(source: string, options: Options): (context: object) => PreEncodedHtml {
  const fixed = collectFixed();
  const write = compileHandlebars(source, { ...options, mode: 'html' }, fixed.mark, fixed.sizeOf);
  return (context) => ({ written: write(context), fixed: fixed.all });
}

/** The same html in one string; what the pre-encoded has to spell out to. */
export const compileWhole = (source: string, options: Options): CompiledHandlebars =>
  compileHandlebars(source, { ...options, mode: 'html' }, asItIs, lengthOf);

const asItIs = (text: string) => text;
const lengthOf = ({ length }: string) => length;

/**
 * Compiles checked Handlebars source. Every value goes through one function, `out`, which escapes it and refuses what
 * would print as `NaN` or `[object Object]`. Texts that are the same for everyone are put in now.
 * @param put what to write in place of a text of the source
 * @param sizeOf characters that what was put stands for
 */
function compileHandlebars(
  source: string,
  { mode, voice, origins, openings }: Options & { readonly mode: 'html' | 'text' },
  put: (text: string) => string,
  sizeOf: (text: string) => number,
): CompiledHandlebars {
  const escape = mode === 'html' ? escapeHtml : plainText;
  const direction = directionOf(voice.locale);
  // Values of data; what helpers make is in the voice's language.
  const bare = origins.map(({ source: written }) => bareValue.test(written));
  const budget = openBudget();
  const write = (text: string) => {
    budget.write(text.length);
    return text;
  };
  const out = (value: unknown, index: number) => {
    if (typeof value === 'string')
      return write(escape(bare[index] ? isolate(value, direction) : withoutOverrides(value)));
    if (value === undefined || value === null || value === false) return '';
    if (value instanceof JsonLd) return write(value.html);
    if (value === true || (typeof value === 'number' && Number.isFinite(value)))
      return String(value);
    throw new PermanentError('bad-value', `is ${typeof value === 'number' ? value : 'an object'}`);
  };
  const program = Handlebars.parse(source);
  const wrapping = { count: 0, blocks: [], fixed: (key: string) => fixedText(key, voice, escape) };
  wrapValues(program, wrapping);
  putContents(program, put);
  return generate(program, {
    helpers: { ...helpersFor(voice), out },
    blocks: wrapping.blocks,
    budget,
    sizeOf,
    failed: (error, at) => {
      const origin = at < 0 ? openings[-1 - at] : origins[at];
      return origin ? located(error, origin, origin.source) : error;
    },
  });
}

const bareValue = /^\{\{~?\s*(?!subject\b|preheader\b)[^\s(]+\s*~?\}\}$/;

/** In plain text only controls have to go; line breaks stay. */
const plainText = (text: string) =>
  plainEnough.test(text) ? text : text.replace(/[^\P{Cc}\n\t]/gu, '').replace(/\p{Cs}/gu, '\uFFFD');
/** Nearly every text: neither controls nor halves of a character. */
const plainEnough = /^[\t\n -~\u00A0-\uD7FF\uE000-\uFFFF]*$/;

function fixedText(key: string, voice: Voice, escape: (text: string) => string): string | null {
  const text = voice.messages.fixed(key);
  return text === null ? null : escape(text);
}

type Wrapping = {
  count: number;
  /** In the order in which they begin. */
  readonly blocks: hbs.AST.BlockStatement[];
  readonly fixed: (key: string) => string | null;
};

/** `{{x}}` becomes `{{out x n}}`, `{{t "key"}}` its text where that needs no arguments. */
function wrapValues(program: hbs.AST.Program, wrapping: Wrapping): void {
  program.body = program.body.map((statement): hbs.AST.Statement => {
    if (isBlock(statement)) {
      wrapping.blocks.push(statement);
      wrapValues(statement.program, wrapping);
      // The types say there always is one; there isn't.
      if (hasInverse(statement)) wrapValues(statement.inverse, wrapping);
      return statement;
    }
    if (!isMustache(statement)) return statement;
    const index = wrapping.count++;
    const key = literalKey(statement);
    const fixed = key === null ? null : wrapping.fixed(key);
    return fixed === null ? outCall(statement, index) : content(fixed, statement.loc);
  });
}

/** Stand for braces that are none of an expression; no text has these characters. */
export const heldBraces = { open: '\uFDD0', close: '\uFDD1' };
const released = (text: string) =>
  text.replaceAll(heldBraces.open, '{').replaceAll(heldBraces.close, '}');

/** Texts that follow each other become one; then each is replaced. */
function putContents(program: hbs.AST.Program, put: (text: string) => string): void {
  const body: hbs.AST.Statement[] = [];
  let text = '';
  let loc = program.loc;
  const flush = () => {
    if (text !== '') body.push(content(put(released(text)), loc));
    text = '';
  };
  for (const statement of program.body) {
    if (isContent(statement)) {
      text += statement.value;
      loc = statement.loc;
      continue;
    }
    flush();
    body.push(statement);
    if (!isBlock(statement)) continue;
    putContents(statement.program, put);
    if (hasInverse(statement)) putContents(statement.inverse, put);
  }
  flush();
  program.body = body;
}

/** The key of `{{t "key"}}` without arguments. */
function literalKey({ path, params, hash }: hbs.AST.MustacheStatement): string | null {
  const [key] = params;
  const bare = isPath(path) && path.original === 't' && params.length === 1 && !hashOf(hash);
  return bare && isString(key) ? key.value : null;
}

const hashOf = (hash: hbs.AST.Hash | undefined) =>
  hash !== undefined && hash.pairs.length > 0 ? hash : undefined;

function outCall(value: hbs.AST.MustacheStatement, index: number): hbs.AST.MustacheStatement {
  const { loc, path, params, hash } = value;
  const called = params.length > 0 || hashOf(hash) !== undefined;
  const inner: hbs.AST.Expression = called && isPath(path) ? call(path, params, hash, loc) : path;
  const position: hbs.AST.NumberLiteral = {
    type: 'NumberLiteral',
    value: index,
    original: index,
    loc,
  };
  const out: hbs.AST.PathExpression = {
    type: 'PathExpression',
    data: false,
    depth: 0,
    parts: ['out'],
    original: 'out',
    loc,
  };
  return {
    ...value,
    path: out,
    params: [inner, position],
    hash: { type: 'Hash', pairs: [], loc },
  };
}

const call = (
  path: hbs.AST.PathExpression,
  params: hbs.AST.Expression[],
  hash: hbs.AST.Hash,
  loc: hbs.AST.SourceLocation,
): hbs.AST.SubExpression => ({ type: 'SubExpression', path, params, hash, loc });

function content(value: string, loc: hbs.AST.SourceLocation): hbs.AST.Statement {
  const statement: hbs.AST.Statement & { value: string } = { type: 'ContentStatement', value, loc };
  return statement;
}

/** As `#if` sees it: nothing, zero, an empty text and an empty list don't. */
const holds = (value: unknown) => Boolean(value) && !Handlebars.Utils.isEmpty(value);

const isBlank = (value: unknown) => typeof value === 'string' && value.trim() === '';

type HelperOptions = { readonly hash: Readonly<Record<string, unknown>> };

/** What `{{…}}` may call. */
export function helpersFor({ messages, format, link }: Voice): Readonly<Record<string, unknown>> {
  return {
    t: (key: string, { hash }: HelperOptions) => messages.text(key, hash),
    money: (value: unknown, currency: unknown) => format.money(value, currency),
    minus: (value: unknown, currency: unknown) => format.minus(value, currency),
    points: (value: unknown) => format.points(value),
    number: (value: unknown) => format.number(value),
    percent: (value: unknown) => format.percent(value),
    date: (value: unknown, ...rest: readonly unknown[]) => date(value, rest),
    relative: (at: unknown, from: unknown) => format.relative(at, from),
    month: (value: unknown) => format.month(value),
    entitlement: (id: unknown) => format.entitlement(id),
    jsonLd: (things: readonly LinkedData[]) => new JsonLd(things),
    link: (base: unknown, ...rest: readonly unknown[]) => {
      const options = rest.at(-1);
      const query = isOptions(options) ? options.hash : {};
      if (rest.length <= 1 && Object.keys(query).length === 0) return link(base);
      return link(base, rest.slice(0, -1), query);
    },
    eq: (a: unknown, b: unknown) => a === b,
    gt: (a: unknown, b: unknown) => typeof a === 'number' && typeof b === 'number' && a > b,
    not: (value: unknown) => !holds(value),
    and: (a: unknown, b: unknown) => (holds(a) ? b : a),
    or: (a: unknown, b: unknown) => (holds(a) ? a : b),
    lookup: (from: unknown, name: unknown) =>
      typeof from === 'object' &&
      from !== null &&
      (typeof name === 'string' || typeof name === 'number') &&
      Object.hasOwn(from, name)
        ? Reflect.get(from, name)
        : undefined,
    join: (...parts: readonly unknown[]) => parts.slice(0, -1).map(joined).join(''),
    lrlSays: (value: unknown) =>
      value !== undefined && value !== null && value !== false && !isBlank(value),
    lrlSome: (value: unknown) => !Handlebars.Utils.isEmpty(value),
    lrlCount: (list: unknown, count: number, most: number, where: string) =>
      countOf(list, most, where) === count,
  };

  function date(value: unknown, rest: readonly unknown[]): string {
    const options = rest.at(-1);
    const hash = isOptions(options) ? options.hash : {};
    const style = rest.length > 1 ? String(rest[0]) : 'long';
    const zone = 'timeZone' in hash ? { timeZone: hash['timeZone'] ?? null } : {};
    return format.date(value, isDateStyle(style) ? style : 'long', zone);
  }
}

/** @throws PermanentError where a list makes more columns than its template was compiled for */
function countOf(list: unknown, most: number, where: string): number {
  const count = Array.isArray(list) ? list.length : 0;
  if (count <= most && (Array.isArray(list) || typeof list !== 'object' || list === null))
    return count;
  throw new LocatedError(
    'bad-value',
    `${where} makes a column of each, of a list of at most ${most}; there are ${Array.isArray(list) ? count : 'names instead'}`,
  );
}

/** @throws PermanentError for what is neither a text nor a number: half an address leads nowhere */
function joined(part: unknown): string {
  if (typeof part === 'string') return withoutSteering(part);
  if (typeof part === 'number' && Number.isFinite(part)) return String(part);
  throw new PermanentError(
    'bad-value',
    `join: needs texts and numbers, got ${typeof part === 'object' && part !== null ? 'an object' : String(part)}`,
  );
}

const isOptions = (value: unknown): value is HelperOptions =>
  typeof value === 'object' && value !== null && 'hash' in value;
