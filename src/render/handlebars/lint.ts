import Handlebars from 'handlebars';

import { memo } from '../../core/memo.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { headPartial } from '../mjml/brand-tokens.ts';
import type { SourceProblem } from '../source/problems.ts';
import { dateStyleNames, isDateStyle } from '../voice/format.ts';
import { scanExpressions } from './expression.ts';
import {
  hasInverse,
  isBlock,
  isMustache,
  isPartial,
  isPath,
  isString,
  isSubExpression,
} from './handlebars-ast.ts';
import { eachOf, follow, type Shape, value as mereValue } from './view-shape.ts';

/** A text a template uses, with the arguments it gives. */
export type TextUse = {
  readonly key: string;
  /** Null where they can't be told from the source. */
  readonly args: readonly string[] | null;
  readonly file: string;
  readonly line: number;
};

/** Parameters each helper takes, at least and at most, and the named ones. `jsonLd` is the built-in head's alone. */
const helpers: Readonly<
  Record<
    string,
    { readonly min: number; readonly max: number; readonly named: readonly string[] | 'any' }
  >
> = {
  t: { min: 1, max: 1, named: 'any' },
  money: { min: 1, max: 2, named: [] },
  minus: { min: 1, max: 2, named: [] },
  points: { min: 1, max: 1, named: [] },
  number: { min: 1, max: 1, named: [] },
  percent: { min: 1, max: 1, named: [] },
  date: { min: 1, max: 2, named: ['timeZone'] },
  relative: { min: 2, max: 2, named: [] },
  month: { min: 1, max: 1, named: [] },
  entitlement: { min: 1, max: 1, named: [] },
  link: { min: 1, max: 8, named: 'any' },
  jsonLd: { min: 1, max: 1, named: [] },
  eq: { min: 2, max: 2, named: [] },
  gt: { min: 2, max: 2, named: [] },
  not: { min: 1, max: 1, named: [] },
  and: { min: 2, max: 2, named: [] },
  or: { min: 2, max: 2, named: [] },
  lookup: { min: 2, max: 2, named: [] },
  join: { min: 2, max: 16, named: [] },
};
const blockHelpers = new Set(['if', 'unless', 'each', 'with']);
const dataNames = new Set(['root', 'index', 'first', 'last', 'key']);

/** A partial's file, and the block whose look it is. */
type Partial = { readonly file: string; readonly block?: string };

type Setting = {
  /** Every file of the mail, as it was put in. */
  readonly files: ReadonlyMap<string, string>;
  readonly find: (name: string) => Partial | undefined;
  /** What `@root` is. */
  readonly root: Shape;
};

type Lint = Setting & {
  readonly problems: SourceProblem[];
  readonly texts: TextUse[];
  /** Files that were read; null where there is nothing to read. */
  readonly programs: Map<string, hbs.AST.Program | null>;
  /** Partials so far, each as often as it was placed. */
  placed: number;
};

/** Where something is written, and what names mean there. */
type Here = {
  readonly lint: Lint;
  readonly file: string;
  /** Files it was put into. */
  readonly around: readonly string[];
  /** The innermost context first. */
  readonly contexts: readonly Shape[];
  /** Names given with `as |…|`. */
  readonly params: ReadonlyMap<string, Shape>;
};

const maxPlaced = 1000;

/**
 * Checks what a mail says in `{{…}}`, beginning with its body: known helpers, their parameters, literal text keys, names
 * that exist. A partial is read in each place it is put into, where its names mean what they mean there.
 */
export function lintHandlebars(
  body: string,
  setting: Setting,
): { readonly problems: readonly SourceProblem[]; readonly texts: readonly TextUse[] } {
  const lint: Lint = { ...setting, problems: [], texts: [], programs: new Map(), placed: 0 };
  lintFile({ lint, file: body, around: [], contexts: [lint.root], params: new Map() });
  return lint;
}

function lintFile(here: Here) {
  const { lint, file, around } = here;
  // One that contains itself is refused where it is put in.
  if (around.includes(file)) return;
  let program = lint.programs.get(file);
  if (program === undefined) lint.programs.set(file, (program = parse(here)));
  if (program) statements(program, here);
}

/** A partial is read in every place it is put into, for every brand. Nothing changes what was read. */
const parsed = memo((source: string) => Handlebars.parse(source), 500);

function parse({ lint, file }: Here): hbs.AST.Program | null {
  const source = lint.files.get(file);
  // What the scan refuses, Handlebars' own parser may not survive: its nesting is not bounded.
  if (source === undefined || scanExpressions(source, file).problems.length > 0) return null;
  try {
    return parsed(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = Number(
      /line (\d+)|^(?:.* - )(\d+):\d+/.exec(message)?.slice(1).find(Boolean) ?? 1,
    );
    lint.problems.push({ file, line, message: parseMessage(message) });
    return null;
  }
}

function refuse({ lint, file }: Here, node: hbs.AST.Node, message: string) {
  lint.problems.push({ file, line: node.loc.start.line, message });
}

function statements({ body }: hbs.AST.Program, here: Here): void {
  for (const statement of body) {
    if (isBlock(statement)) block(statement, here);
    else if (isMustache(statement)) output(statement, here);
    else if (isPartial(statement)) partial(statement, here);
  }
}

function partial(statement: hbs.AST.PartialStatement, here: Here) {
  const { lint, file, around, contexts } = here;
  const { name } = statement;
  const found = isPath(name) && lint.find(name.original);
  if (!found) return;
  lint.placed += 1;
  if (lint.placed === maxPlaced) refuse(here, statement, `places more than ${maxPlaced} partials`);
  if (lint.placed >= maxPlaced) return;
  const inside = { ...here, file: found.file, around: [...around, file] };
  if (found.block === undefined) return lintFile(inside);
  // That a block is listed at all is looked at with its placing.
  const shown = follow(lint.root, ['blocks', found.block]);
  lintFile({ ...inside, contexts: ['shape' in shown ? shown.shape : 'any', ...contexts] });
}

function block(statement: hbs.AST.BlockStatement, here: Here) {
  const { path, params, hash, program } = statement;
  const name = path.original;
  if (!blockHelpers.has(name)) {
    refuse(here, statement, `{{#${name}}} is not known; there are #if, #unless, #each and #with`);
    return;
  }
  if (params.length !== 1) refuse(here, statement, `{{#${name}}} takes one value`);
  const asks = name === 'if' || name === 'unless';
  named(statement, name, { hash, allowed: asks ? ['includeZero'] : [] }, here);
  const [shape = 'any'] = params.map((param) => expression(param, here));
  const inner = name === 'each' ? eachOf(shape) : shape;
  if (!inner) refuse(here, statement, `{{#each ${sourceOf(params[0])}}} goes through no list`);
  statements(program, asks ? here : within(inner ?? 'any', program.blockParams ?? [], here));
  if (hasInverse(statement)) statements(statement.inverse, here);
}

/** `#each` and `#with` change what names mean; `../` leads back. */
const within = (inner: Shape, names: readonly string[], here: Here): Here => ({
  ...here,
  contexts: [inner, ...here.contexts],
  params: new Map([
    ...here.params,
    // The second is the number of the round, or the name of the field.
    ...names.map((name, index): [string, Shape] => [name, index === 0 ? inner : mereValue]),
  ]),
});

function output({ path, params, hash, ...statement }: hbs.AST.MustacheStatement, here: Here) {
  if (!isPath(path)) refuse(here, statement, 'a literal needs no braces');
  else if (params.length > 0 || (hash?.pairs ?? []).length > 0)
    called({ ...statement, path, params, hash }, here);
  else if (Object.hasOwn(helpers, path.original))
    refuse(
      here,
      statement,
      `{{${path.original}}} needs a value; for the field of that name write {{this.${path.original}}}`,
    );
  else expression(path, here);
}

function expression(node: hbs.AST.Expression, here: Here): Shape {
  if (isSubExpression(node)) return called(node, here);
  return isPath(node) ? pathShape(node, here) : 'any';
}

type Call = Pick<hbs.AST.SubExpression, 'path' | 'params'> & { readonly hash?: hbs.AST.Hash };

/** What a helper makes, where that has names in it. */
function called({ path, params, hash }: Call, here: Here): Shape {
  const helper = path.original;
  const known = Object.hasOwn(helpers, helper) ? helpers[helper] : undefined;
  if (!known || (helper === 'jsonLd' && here.file !== headPartial.file)) {
    const names = Object.keys(helpers).filter((name) => name !== 'jsonLd');
    const near = nearestName(helper, names);
    const instead = near ? `did you mean ${near}?` : `there are ${names.join(', ')}`;
    refuse(here, path, `there is no helper ${helper}; ${instead}`);
    return 'any';
  }
  const { min, max } = known;
  if (params.length < min || params.length > max)
    refuse(
      here,
      path,
      `${helper} takes ${min === max ? min : `${min} to ${max}`} values, got ${params.length}`,
    );
  named(path, helper, { hash, allowed: known.named }, here);
  const [of = 'any'] = params.map((param) => expression(param, here));
  const [first, second] = params;
  if (helper === 't') text(path, first, hash, here);
  if (helper === 'points') use(path, 'points', ['count'], here);
  if (helper === 'entitlement' && isString(first))
    use(path, `entitlements.${first.value}`, [], here);
  if (helper === 'date' && second && !(isString(second) && isDateStyle(second.value)))
    refuse(here, path, `date takes one of ${dateStyleNames}, written out`);
  if (helper !== 'lookup' || !second) return 'any';
  if (isString(second)) return lookUp(path, of, second.value.split('.'), here);
  return eachOf(of) ?? 'any';
}

function text(
  path: hbs.AST.PathExpression,
  key: hbs.AST.Expression | undefined,
  hash: hbs.AST.Hash | undefined,
  here: Here,
) {
  const args = (hash?.pairs ?? []).map((pair) => pair.key);
  if (isString(key)) use(path, key.value, args, here);
  else
    refuse(
      here,
      path,
      't takes its key written out, {{t "key"}}, so that a missing text is found before sending',
    );
}

function use({ loc }: hbs.AST.Node, key: string, args: readonly string[], { lint, file }: Here) {
  lint.texts.push({ key, args, file, line: loc.start.line });
}

/** Named values: which there may be, and what they say. */
function named(
  node: hbs.AST.Node,
  helper: string,
  {
    hash,
    allowed,
  }: { readonly hash: hbs.AST.Hash | undefined; readonly allowed: readonly string[] | 'any' },
  here: Here,
) {
  for (const { key, value } of hash?.pairs ?? []) {
    if (allowed !== 'any' && !allowed.includes(key))
      refuse(here, node, `${helper} takes no ${key}=`);
    expression(value, here);
  }
}

function pathShape(path: hbs.AST.PathExpression, here: Here): Shape {
  const [first = '', ...rest] = path.parts;
  if (path.data) {
    if (!dataNames.has(first)) refuse(here, path, `@${first} is not known`);
    return lookUp(path, first === 'root' ? here.lint.root : mereValue, rest, here);
  }
  const param = path.depth === 0 ? here.params.get(first) : undefined;
  if (param) return lookUp(path, param, rest, here);
  return lookUp(path, here.contexts[path.depth] ?? 'any', path.parts, here);
}

function lookUp(
  path: hbs.AST.PathExpression,
  from: Shape,
  parts: readonly string[],
  here: Here,
): Shape {
  const found = follow(from, parts);
  if ('shape' in found) return found.shape;
  const { unknown, known } = found;
  const near = nearestName(unknown, known) ?? further(unknown, path, here);
  const others = known.length > 0 ? `; there are ${known.join(', ')}` : '';
  const instead = near ? `; did you mean ${near}?` : others;
  refuse(here, path, `${path.original}: there is no ${unknown}${instead}`);
  return 'any';
}

/** The name in a context around this one: loops and blocks don't see it by itself. */
function further(name: string, { parts, depth }: hbs.AST.PathExpression, { contexts }: Here) {
  if (parts[0] !== name) return undefined;
  const at = contexts.findIndex(
    (context, index) => index > depth && context !== 'any' && context.fields.has(name),
  );
  return at < 0 ? undefined : `${'../'.repeat(at)}${name}`;
}

const sourceOf = (node: hbs.AST.Expression | undefined) => (isPath(node) ? node.original : '…');

/** What other languages write, and what is written here. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/===?/, 'to compare, write (eq a b)'],
  [/!==?/, 'to compare, write (not (eq a b))'],
  [/\|\|/, 'for “or”, write (or a b)'],
  [/&&/, 'for “and”, write (and a b)'],
  [/\|/, 'there are no filters: write {{helper value}}'],
  [/\}\}\}/, 'for a brace behind a value, write &#125;'],
  [/\{\{~?\s*~?\}\}/, 'a name is missing'],
];

/** Where Handlebars' parser stopped, from the drawing in its message, and what to write instead where that is known. */
const parseMessage = (message: string) => {
  const [, excerpt, pointer, expecting] = message.split('\n');
  if (excerpt === undefined || pointer === undefined || expecting === undefined)
    return `is not valid Handlebars: ${message.slice(0, 200)}`;
  const begin = excerpt.lastIndexOf('{{', pointer.length - 1);
  const near = /^[^}]*(?:\}(?!\})[^}]*)*\}{0,3}/.exec(excerpt.slice(Math.max(0, begin)))?.[0] ?? '';
  const instead = elsewhere.find(([written]) => written.test(near))?.[1];
  return `is not valid Handlebars near “${near}”${instead ? `: ${instead}` : ''}`;
};
