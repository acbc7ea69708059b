import {
  isLiteral,
  isPath,
  isString,
  isSubExpression,
} from '../render/handlebars/handlebars-ast.ts';
import type { Field } from './fields.ts';
import { kindByName } from './fields.ts';
import type { Scopes } from './scopes.ts';

type Expression = hbs.AST.Expression;

/** What cannot be said in Laurel, and what to write instead. */
export class Unsaid extends Error {
  override readonly name = 'Unsaid';
}

type Comparison = {
  readonly kind: Field['kind'];
  readonly write: (a: string, b: string) => string;
};

type Write = Comparison['write'];
const equal: Write = (a, b) => `(eq ${a} ${b})`;
const greater: Write = (a, b) => `(gt ${a} ${b})`;
const not = (inner: string) => `(not ${inner})`;
const both: Write = (a, b) => `(and ${a} ${b})`;
const either: Write = (a, b) => `(or ${a} ${b})`;

/** Comparisons under the names other systems have for them. */
const comparisons = new Map<string, Comparison>([
  ...named('equals equal eq is ifEquals ifEqual ifEq isEqual', 'text', equal),
  ...named('notEquals notEqual ne neq isnt unlessEquals ifNotEquals', 'text', (a, b) =>
    not(equal(a, b)),
  ),
  ...named('greaterThan gt ifGreaterThan', 'number', greater),
  ...named('lessThan lt ifLessThan', 'number', (a, b) => greater(b, a)),
  ...named('greaterThanOrEquals greaterThanOrEqual gte ge', 'number', (a, b) => not(greater(b, a))),
  ...named('lessThanOrEquals lessThanOrEqual lte le', 'number', (a, b) => not(greater(a, b))),
  ...named('and', 'flag', both),
  ...named('or', 'flag', either),
]);

function named(names: string, kind: Field['kind'], write: Write): [string, Comparison][] {
  return names.split(' ').map((name) => [name, { kind, write }]);
}

export const isComparison = (name: string): boolean => comparisons.has(name);

/** Expressions of other systems in Laurel's words, their fields noted. */
export class Calls {
  readonly #scopes: Scopes;

  constructor(scopes: Scopes) {
    this.#scopes = scopes;
  }

  /** @throws Unsaid */
  expression(node: Expression, kind: Field['kind'], where: string): string {
    if (isString(node)) return quoted(node.value);
    if (isLiteral(node)) return String(node.value);
    if (isPath(node)) return this.#scopes.find(node, kind, where).written;
    if (isSubExpression(node)) return this.called(node.path, node.params, where);
    throw new Unsaid('it is nothing Laurel knows');
  }

  /** A condition, with the braces of a subexpression around it. @throws Unsaid */
  called(path: hbs.AST.PathExpression, params: readonly Expression[], where: string): string {
    const name = path.original;
    const compare = comparisons.get(name);
    if (compare) return this.#compared(compare, params, where);
    const [first, second] = params;
    if (name === 'not' && first) return not(this.expression(first, 'flag', where));
    if (name === 'length' && first) return this.lengthOf(first, where);
    if (name === 'lookup' && first && second)
      return `(lookup ${this.expression(first, 'group', where)} ${this.expression(second, 'text', where)})`;
    if (name === 'concat' || name === 'join')
      return `(join ${params.map((one) => this.expression(one, 'text', where)).join(' ')})`;
    throw new Unsaid(`there is no helper ${name} in Laurel`);
  }

  /** `(length items)` is `items.length`. */
  lengthOf(node: Expression, where: string): string {
    return `${this.expression(node, 'list', where)}.length`;
  }

  #compared({ kind, write }: Comparison, params: readonly Expression[], where: string): string {
    const [first, second, ...more] = params;
    if (!first || !second) throw new Unsaid('it compares nothing');
    const types = params.map(literalKind).filter((one) => one !== null);
    const of = kind === 'flag' ? 'flag' : (types[0] ?? kind);
    const [a, b, ...others] = params.map((one) => this.expression(one, of, where));
    if (more.length > 0 && kind !== 'flag') throw new Unsaid('it compares more than two things');
    return others.reduce((made, next) => write(made, next), write(a ?? '', b ?? ''));
  }
}

function literalKind(node: Expression): Field['kind'] | null {
  if (!isLiteral(node)) return null;
  return typeof node.value === 'number'
    ? 'number'
    : typeof node.value === 'boolean'
      ? 'flag'
      : 'text';
}

/** What a value is by the last of its name. */
export const printedKind = (node: Expression): Field['kind'] =>
  isPath(node) && !node.data ? kindByName(node.parts.at(-1) ?? '') : 'text';

export const quoted = (text: string): string => (text.includes('"') ? `'${text}'` : `"${text}"`);
