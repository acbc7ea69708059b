import { compileFunction } from 'node:vm';

import Handlebars from 'handlebars';

import type { Budget } from './budget.ts';
import {
  hasInverse,
  isBlock,
  isContent,
  isLiteral,
  isMustache,
  isPath,
  isSubExpression,
} from './handlebars-ast.ts';

type Options = {
  readonly helpers: Readonly<Record<string, unknown>>;
  /** Its blocks, whose numbers are told. */
  readonly blocks: readonly hbs.AST.BlockStatement[];
  /** What is thrown in place of an error, given where it happened: the number of the value, or below zero (from -1) of the block. */
  readonly failed: (error: unknown, at: number) => unknown;
  readonly budget: Budget;
  /** Characters a text of the program stands for. */
  readonly sizeOf: (text: string) => number;
};

/** What names mean at a place of a template. */
type Scope = {
  /** Variables that hold the contexts, innermost first. */
  readonly contexts: readonly string[];
  /** Variables of names given with `as |…|`. */
  readonly params: ReadonlyMap<string, string>;
  /** The loops' numbers, innermost first, for `@index`, `@../index` and their like. */
  readonly loops: readonly number[];
};

/** The code while it is written. */
type Writing = Pick<Options, 'helpers' | 'sizeOf'> & {
  readonly numbers: ReadonlyMap<hbs.AST.BlockStatement, number>;
  variables: number;
};

/**
 * Makes a program one JavaScript expression: what Handlebars' own runtime does step by step (wrapping helpers, walking
 * frames, looking up names) is settled here, once. Means the same for checked templates and plain data: own fields only,
 * the block helpers `if`, `unless`, `each` and `with`; Handlebars itself is its reference in the tests.
 */
export function generate(
  program: hbs.AST.Program,
  { helpers, blocks, failed, budget, sizeOf }: Options,
): (root: object) => string {
  const writing: Writing = {
    helpers,
    sizeOf,
    numbers: new Map(blocks.map((one, index) => [one, -1 - index])),
    variables: 0,
  };
  const scope: Scope = { contexts: ['root'], params: new Map(), loops: [] };
  const source = `'use strict'; let at = 0;
    try { return ${text(writing, program, scope)}; } catch (error) { throw failed(error, at); }`;
  const run = compileFunction(source, [
    'root',
    'helpers',
    'own',
    'holds',
    'isEmpty',
    'each',
    'round',
    'failed',
  ]);
  const given = [helpers, own, holds, Handlebars.Utils.isEmpty, each, round, failed];
  return (root) => {
    budget.renew();
    return String(Reflect.apply(run, undefined, [root, ...given]));
  };

  /** A loop; what it costs in a round is counted where it stands. */
  function each(
    at: number,
    cost: Cost,
    values: unknown,
    item: Item,
    otherwise: () => string,
  ): string {
    if (typeof values !== 'object' || values === null) return otherwise();
    const entries = Array.isArray(values) ? [...values.entries()] : Object.entries(values);
    if (entries.length === 0) return otherwise();
    let written = '';
    for (const [index, [key, value]] of entries.entries()) {
      spend(at, cost);
      written += item(value, key, index, index === 0, index === entries.length - 1);
    }
    return written;
  }

  function spend(at: number, [steps, characters]: Cost): void {
    try {
      budget.round(steps, characters);
    } catch (error) {
      throw failed(error, at);
    }
  }
}

function text(writing: Writing, { body }: hbs.AST.Program, inner: Scope): string {
  const parts = body.flatMap((node): string[] => {
    if (isContent(node)) return [JSON.stringify(node.value)];
    if (isMustache(node)) return [call(writing, node, inner)];
    if (isBlock(node)) return [block(writing, node, inner)];
    return [];
  });
  return parts.length === 0 ? "''" : `(${parts.join(' + ')})`;
}

function block(writing: Writing, node: hbs.AST.BlockStatement, outer: Scope): string {
  const [subject] = node.params;
  if (!subject) throw new Error(`{{#${node.path.original}}} of nothing`);
  const value = `(at = ${writing.numbers.get(node) ?? 0}, ${expression(writing, subject, outer)})`;
  const otherwise = hasInverse(node) ? text(writing, node.inverse, outer) : "''";
  const name = `v${(writing.variables += 1)}`;
  const names = node.program.blockParams ?? [];
  const entered = (loops: readonly number[]): Scope => ({
    contexts: [name, ...outer.contexts],
    params: new Map([
      ...outer.params,
      ...names
        .slice(0, 2)
        .map((param, at): [string, string] => [param, at === 0 ? name : `key${loops[0]}`]),
    ]),
    loops,
  });
  const zero = node.hash?.pairs.find(({ key }) => key === 'includeZero');
  const test = `holds(${value}, ${zero ? expression(writing, zero.value, outer) : 'false'})`;
  switch (node.path.original) {
    case 'if':
      return `(${test} ? ${text(writing, node.program, outer)} : ${otherwise})`;
    case 'unless':
      return `(${test} ? ${otherwise} : ${text(writing, node.program, outer)})`;
    case 'with':
      return `((${name}) => isEmpty(${name}) ? ${otherwise} : ${text(writing, node.program, entered(outer.loops))})(${value})`;
    case 'each': {
      const loop = writing.variables;
      const item = `${name}, key${loop}, index${loop}, first${loop}, last${loop}`;
      return `each(${writing.numbers.get(node) ?? 0}, ${JSON.stringify(costOf(node.program, writing.sizeOf))}, ${value}, (${item}) => ${text(writing, node.program, entered([loop, ...outer.loops]))}, () => ${otherwise})`;
    }
    case 'lrlItem': {
      const loop = writing.variables;
      const item = `${name}, key${loop}, index${loop}, first${loop}, last${loop}`;
      const [, at] = node.params;
      return `round(${value}, ${at ? expression(writing, at, outer) : '0'}, (${item}) => ${text(writing, node.program, entered([loop, ...outer.loops]))})`;
    }
    default:
      throw new Error(`{{#${node.path.original}}} is not known`);
  }
}

function call(
  writing: Writing,
  { path, params, hash }: Pick<hbs.AST.MustacheStatement, 'path' | 'params' | 'hash'>,
  inner: Scope,
): string {
  if (!isPath(path)) throw new Error('a literal can not be called');
  const values = params.map((param) => expression(writing, param, inner));
  const named = (hash?.pairs ?? []).map(
    ({ key, value }) => `${JSON.stringify(key)}: ${expression(writing, value, inner)}`,
  );
  if (path.original === 'out') {
    const [value, number] = values;
    return `(at = ${number}, helpers.out(${value}, ${number}))`;
  }
  // Its name becomes code.
  if (!Object.hasOwn(writing.helpers, path.original))
    throw new Error(`{{${path.original}}} is not known`);
  return `helpers.${path.original}(${[...values, `{ hash: { ${named.join(', ')} } }`].join(', ')})`;
}

function expression(writing: Writing, node: hbs.AST.Expression, inner: Scope): string {
  if (isSubExpression(node)) return call(writing, node, inner);
  if (isPath(node)) return reference(node, inner);
  if (isLiteral(node)) return JSON.stringify(node.value) ?? 'undefined';
  throw new Error(`${node.type} is not known`);
}

function reference(path: hbs.AST.PathExpression, inner: Scope): string {
  const [first = '', ...rest] = path.parts;
  if (path.data) return fields(data(first, path.depth, inner), rest);
  const scoped = /^\.|this\b/.test(path.original);
  const param = path.depth === 0 && !scoped ? inner.params.get(first) : undefined;
  if (param !== undefined) return fields(param, rest);
  const context = inner.contexts[path.depth];
  return context === undefined ? 'undefined' : fields(context, path.parts);
}

const loopData = new Set(['index', 'first', 'last', 'key']);

/** Only loops have data of their own; `@../` is what stood around one, and beyond the outermost there is nothing but the root. */
function data(name: string, depth: number, { loops }: Scope): string {
  if (depth > loops.length) return 'undefined';
  if (name === 'root') return 'root';
  const loop = loops[depth];
  return loop !== undefined && loopData.has(name) ? `${name}${loop}` : 'undefined';
}

const prototypes: readonly object[] = [
  Object.prototype,
  Array.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
];

/** Only a name that some prototype has needs looking whether the value has it itself. */
const fields = (base: string, parts: readonly string[]): string =>
  parts.reduce(
    (from, name) =>
      prototypes.some((one) => name in one)
        ? `own(${from}, ${JSON.stringify(name)})`
        : `${from}?.[${JSON.stringify(name)}]`,
    base,
  );

const own = (value: unknown, name: string): unknown =>
  value !== undefined && value !== null && Object.hasOwn(Object(value), name)
    ? Reflect.get(Object(value), name)
    : undefined;

const holds = (value: unknown, zeroHolds: unknown): boolean =>
  (Boolean(value) || Boolean(zeroHolds)) && !Handlebars.Utils.isEmpty(value);

type Item = (value: unknown, key: unknown, index: number, first: boolean, last: boolean) => string;

/** Values and conditions in a round of a loop, and characters beside them; loops within count for themselves. */
type Cost = readonly [steps: number, characters: number];

function costOf({ body }: hbs.AST.Program, sizeOf: (text: string) => number): Cost {
  let [steps, characters] = [1, 0];
  const add = (program: hbs.AST.Program) => {
    const [more, longer] = costOf(program, sizeOf);
    steps += more;
    characters += longer;
  };
  for (const node of body) {
    if (isContent(node)) characters += sizeOf(node.value);
    else steps += 1;
    if (!isBlock(node)) continue;
    if (node.path.original !== 'each') add(node.program);
    if (hasInverse(node)) add(node.inverse);
  }
  return [steps, characters];
}

/** One round of a loop over a list. */
function round(values: unknown, index: number, item: Item): string {
  if (!Array.isArray(values) || index >= values.length) return '';
  return item(values[index], index, index, index === 0, index === values.length - 1);
}
