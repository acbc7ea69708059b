import Handlebars from 'handlebars';

import {
  isBlock,
  isLiteral,
  isPath,
  isString,
  isSubExpression,
} from '../handlebars/handlebars-ast.ts';
import type { Context, Written } from './tree.ts';

type Expression = hbs.AST.Expression;

/** What `{{#if …}}` and its like say. */
export type Test = {
  readonly helper: string;
  readonly subject: Expression;
  /** Names given with `as |…|`. */
  readonly names: readonly string[];
  /** `includeZero=true` and the like, as written. */
  readonly named: string;
};

/** @throws Error for what Handlebars can't read */
export function testOf({ source }: Written): Test {
  const inner = source.replace(/^\{\{~?\s*(#|else\b)\s*/, '').replace(/\s*~?\}\}$/, '');
  const helper = /^\w+/.exec(inner)?.[0] ?? '';
  const [block] = Handlebars.parse(`{{#${inner}}}{{/${helper}}}`).body;
  if (!block || !isBlock(block)) throw new Error(`${source} is no condition`);
  const { params, hash, program } = block;
  const [subject] = params;
  if (!subject) throw new Error(`${source} asks for nothing`);
  const pairs = hash?.pairs ?? [];
  return {
    helper,
    subject,
    names: program.blockParams ?? [],
    named: pairs.map(({ key, value }) => ` ${key}=${print(value)}`).join(''),
  };
}

/** The same expression where the contexts, outermost first, have not been entered. Null where it can't be said there. */
export function outside(expression: Expression, contexts: readonly Context[]): Expression | null {
  let moved: Expression | null = expression;
  for (const context of contexts.toReversed()) moved = moved && lift(moved, context);
  return moved;
}

function lift(expression: Expression, context: Context): Expression | null {
  if (isSubExpression(expression)) {
    const params = expression.params.map((param) => lift(param, context));
    const pairs = (expression.hash?.pairs ?? []).map((pair) => ({
      ...pair,
      value: lift(pair.value, context),
    }));
    if ([...params, ...pairs.map(({ value }) => value)].includes(null)) return null;
    return Object.assign({}, expression, { params, hash: { ...expression.hash, pairs } });
  }
  return isPath(expression) ? liftPath(expression, context) : expression;
}

function liftPath(path: hbs.AST.PathExpression, { of, names, round }: Context): Expression | null {
  const [first = '', ...rest] = path.parts;
  if (path.data) {
    if (!round || first === 'root') return path;
    // What stands around the loop is around nothing once that is left.
    if (path.depth > 0) return Object.assign({}, path, { depth: path.depth - 1, original: '' });
    if (first === 'index' || first === 'key') return literal('NumberLiteral', round.index);
    if (first === 'first') return literal('BooleanLiteral', round.index === 0);
    return first === 'last' ? literal('BooleanLiteral', round.index === round.count - 1) : path;
  }
  if (path.depth > 0) return Object.assign({}, path, { depth: path.depth - 1, original: '' });
  const named = isScoped(path) ? -1 : names.indexOf(first);
  if (named === 1) return round ? literal('NumberLiteral', round.index) : null;
  if (!isPath(of)) return null;
  const rounds = round ? [String(round.index)] : [];
  const parts = [...of.parts, ...rounds, ...(named === 0 ? rest : path.parts)];
  return Object.assign({}, of, { parts, original: '' });
}

/** `this.points` is never the name of a helper or a block parameter. */
const isScoped = ({ original }: hbs.AST.PathExpression) => /^\.|this\b/.test(original);

function literal(type: 'NumberLiteral' | 'BooleanLiteral', value: number | boolean): Expression {
  return Object.assign({ type, loc: nowhere }, { value, original: value });
}

const nowhere: hbs.AST.SourceLocation = {
  source: '',
  start: { line: 1, column: 0 },
  end: { line: 1, column: 0 },
};

/** An expression as it is written in a template. */
export function print(expression: Expression): string {
  if (isSubExpression(expression)) {
    const params = expression.params.map((param) => ` ${print(param)}`);
    const pairs = (expression.hash?.pairs ?? []).map(({ key, value }) => ` ${key}=${print(value)}`);
    return `(${expression.path.original}${params.join('')}${pairs.join('')})`;
  }
  if (isPath(expression)) return printPath(expression);
  if (isString(expression)) return printString(expression.value);
  if (isLiteral(expression)) return String(expression.value);
  throw new Error(`${expression.type} is not known`);
}

function printPath({ data, depth, parts, original }: hbs.AST.PathExpression): string {
  const names = parts.map((part) => (/^[A-Za-z_$][\w$]*$/.test(part) ? part : `[${part}]`));
  if (data) return `@${'../'.repeat(depth)}${names.join('.')}`;
  if (depth > 0)
    return '../'.repeat(depth).slice(0, names.length > 0 ? undefined : -1) + names.join('.');
  if (names.length === 0) return 'this';
  return `${/^(\.|this\b)/.test(original) ? 'this.' : ''}${names.join('.')}`;
}

function printString(text: string): string {
  const quote = text.includes('"') ? "'" : '"';
  return `${quote}${text}${quote}`;
}
