import Handlebars from 'handlebars';

import { headPartial } from '../mjml/brand-tokens.ts';
import type { SourceProblem } from '../source/problems.ts';
import { dateStyleNames, isDateStyle } from '../voice/format.ts';
import {
  hasInverse,
  isBlock,
  isMustache,
  isPath,
  isString,
  isSubExpression,
} from './handlebars-ast.ts';
import { anyShape, follow, type Shape } from './view-shape.ts';

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
type Setting = {
  /** What `@root` is. */
  readonly root: Shape;
  /** What names mean where the file begins: the root for a template, unknown for a piece that may stand in a loop. */
  readonly context: Shape;
};

/** What names mean at a place: the innermost context first, and names given with `as |…|`. */
type Scope = { readonly contexts: readonly Shape[]; readonly params: ReadonlyMap<string, Shape> };

/**
 * Checks what one file says in `{{…}}`: known helpers, their parameters, literal text keys, names that exist.
 * The file was scanned before (`scanMustaches`), so that its nesting is bounded.
 */
export function lintHandlebars(
  source: string,
  file: string,
  { root, context }: Setting,
): { readonly problems: readonly SourceProblem[]; readonly texts: readonly TextUse[] } {
  const problems: SourceProblem[] = [];
  const texts: TextUse[] = [];
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parse(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = Number(
      /line (\d+)|^(?:.* - )(\d+):\d+/.exec(message)?.slice(1).find(Boolean) ?? 1,
    );
    return { problems: [{ file, line, message: parseMessage(message) }], texts };
  }
  statements(program, { contexts: [context], params: new Map() });
  return { problems, texts };

  function refuse(node: hbs.AST.Node, message: string) {
    problems.push({ file, line: node.loc.start.line, message });
  }

  function statements({ body }: hbs.AST.Program, scope: Scope): void {
    for (const statement of body) {
      if (isBlock(statement)) block(statement, scope);
      else if (isMustache(statement)) value(statement, scope);
    }
  }

  function block(statement: hbs.AST.BlockStatement, scope: Scope) {
    const { path, params, hash, program: inner } = statement;
    const name = path.original;
    if (!blockHelpers.has(name)) {
      refuse(statement, `{{#${name}}} is not known; there are #if, #unless, #each and #with`);
      return;
    }
    if (params.length !== 1) refuse(statement, `{{#${name}}} takes one value`);
    named(statement, name, hash, name === 'if' || name === 'unless' ? ['includeZero'] : []);
    const shapes = params.map((param) => expression(param, scope));
    statements(inner, within(name, shapes[0] ?? anyShape, inner.blockParams ?? [], scope));
    if (hasInverse(statement)) statements(statement.inverse, scope);
  }

  function value({ path, params, hash, loc, ...rest }: hbs.AST.MustacheStatement, scope: Scope) {
    const statement = { path, params, hash, loc, ...rest };
    if (!isPath(path)) {
      refuse(statement, 'a literal needs no braces');
      return;
    }
    if (params.length > 0 || (hash?.pairs ?? []).length > 0) called(path, params, hash, scope);
    else if (Object.hasOwn(helpers, path.original))
      refuse(
        statement,
        `{{${path.original}}} needs a value; for the field of that name write {{this.${path.original}}}`,
      );
    else expression(path, scope);
  }

  function expression(node: hbs.AST.Expression, scope: Scope): Shape {
    if (isSubExpression(node)) called(node.path, node.params, node.hash, scope);
    return isPath(node) ? pathShape(node, scope) : anyShape;
  }

  function called(
    path: hbs.AST.PathExpression,
    params: readonly hbs.AST.Expression[],
    hash: hbs.AST.Hash | undefined,
    scope: Scope,
  ) {
    const helper = path.original;
    const known = Object.hasOwn(helpers, helper) ? helpers[helper] : undefined;
    if (!known || (helper === 'jsonLd' && file !== headPartial.file)) {
      const names = Object.keys(helpers).filter((name) => name !== 'jsonLd');
      refuse(path, `there is no helper ${helper}; there are ${names.join(', ')}`);
      return;
    }
    if (params.length < known.min || params.length > known.max)
      refuse(
        path,
        `${helper} takes ${known.min === known.max ? known.min : `${known.min} to ${known.max}`} values, got ${params.length}`,
      );
    if (known.named !== 'any') named(path, helper, hash, known.named);
    for (const param of params) expression(param, scope);
    for (const { value: param } of hash?.pairs ?? []) expression(param, scope);
    const [first, second] = params;
    if (helper === 't') {
      if (isString(first))
        texts.push({
          key: first.value,
          args: (hash?.pairs ?? []).map(({ key }) => key),
          file,
          line: path.loc.start.line,
        });
      else
        refuse(
          path,
          't takes its key written out, {{t "key"}}, so that a missing text is found before sending',
        );
    }
    if (helper === 'points')
      texts.push({ key: 'points', args: ['count'], file, line: path.loc.start.line });
    if (helper === 'date' && second && !(isString(second) && isDateStyle(second.value)))
      refuse(path, `date takes one of ${dateStyleNames}, written out`);
  }

  function named(
    node: hbs.AST.Node,
    helper: string,
    hash: hbs.AST.Hash | undefined,
    allowed: readonly string[],
  ) {
    for (const { key } of hash?.pairs ?? [])
      if (!allowed.includes(key)) refuse(node, `${helper} takes no ${key}=`);
  }

  function pathShape(path: hbs.AST.PathExpression, scope: Scope): Shape {
    const [first = '', ...rest] = path.parts;
    if (path.data) {
      if (!dataNames.has(first)) refuse(path, `@${first} is not known`);
      return first === 'root' ? lookUp(path, root, rest) : anyShape;
    }
    const param = path.depth === 0 ? scope.params.get(first) : undefined;
    if (param) return lookUp(path, param, rest);
    const here = scope.contexts[path.depth];
    return here ? lookUp(path, here, path.parts) : anyShape;
  }

  function lookUp(path: hbs.AST.PathExpression, from: Shape, parts: readonly string[]): Shape {
    const found = follow(from, parts);
    if ('shape' in found) return found.shape;
    const there = found.known.length > 0 ? `; there are ${found.known.join(', ')}` : '';
    refuse(path, `${path.original}: there is no ${found.unknown}${there}`);
    return anyShape;
  }
}

/** `#each` and `#with` change what names mean; `../` leads back. */
function within(name: string, shape: Shape, params: readonly string[], scope: Scope): Scope {
  if (name === 'if' || name === 'unless') return scope;
  const inner = name === 'with' ? shape : shape.kind === 'list' ? shape.item : anyShape;
  const given = params.map((param, index): [string, Shape] => [
    param,
    index === 0 ? inner : anyShape,
  ]);
  return {
    contexts: [inner, ...scope.contexts],
    params: new Map([...scope.params, ...given]),
  };
}

/** The first line of Handlebars' message, without its drawing. */
const parseMessage = (message: string) => {
  const lines = message.split('\n');
  return `is not valid Handlebars: ${(lines.at(-1) ?? message).slice(0, 200)}`;
};
