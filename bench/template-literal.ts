import { compileFunction } from 'node:vm';

import Handlebars from 'handlebars';
import { z } from 'zod';

/*
 * The template literal somebody would write by hand for a template: the same pieces and the same helpers, with plain
 * JavaScript in between. It is written down from the program Handlebars is given, so that it can't drift from the template.
 */
type Rendering = (context: object) => string;

/** A program as Handlebars compiled it, and as a literal. */
export type Both = { readonly compiled: Rendering; readonly literal: Rendering };

/** Runs `load`, and returns beside its result every program it compiled, in their order. */
export async function watchCompiling<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly programs: readonly Both[] }> {
  const programs: Both[] = [];
  const { create } = Handlebars;
  Handlebars.create = () => {
    const environment = create();
    const compile = environment.compile.bind(environment);
    environment.compile = <Context>(input: unknown, options?: CompileOptions) => {
      const render = compile<Context>(input, options);
      const literal = literalOf(Program.parse(input), environment.helpers);
      const compiled = compile<object>(input, options);
      programs.push({ compiled: (context) => compiled(context), literal });
      return render;
    };
    return environment;
  };
  try {
    return { loaded: await load(), programs };
  } finally {
    Handlebars.create = create;
  }
}

function literalOf(program: Program, helpers: unknown): Rendering {
  const source = `return ${literal(program, ['root'])}`;
  const run = compileFunction(source, ['root', 'h', 'empty']);
  return (context) => String(Reflect.apply(run, undefined, [context, helpers, empty]));
}

const empty = (value: unknown) => !value || Handlebars.Utils.isEmpty(value);

/** @param scopes names of the variables that hold the contexts around it, innermost last */
const literal = ({ body }: Program, scopes: readonly string[]): string =>
  `\`${body.map((statement) => piece(statement, scopes)).join('')}\``;

function piece(statement: Statement, scopes: readonly string[]): string {
  switch (statement.type) {
    case 'ContentStatement':
      return statement.value.replace(/[`\\]|\$(?=\{)/g, '\\$&');
    case 'MustacheStatement':
      return `\${${call(statement, scopes)}}`;
    case 'BlockStatement':
      return `\${${block(statement, scopes)}}`;
    case 'CommentStatement':
      return '';
    default:
      return statement satisfies never;
  }
}

function block({ path, params, program, inverse }: Block, scopes: readonly string[]): string {
  const [subject] = params;
  if (!subject) throw new Error(`{{#${path.original}}} of nothing`);
  const value = expression(subject, scopes);
  const here = scopes.at(-1) ?? '';
  const otherwise = inverse ? literal(inverse, scopes) : "''";
  const inner = `c${scopes.length}`;
  switch (path.original) {
    case 'if':
      return `empty(${value}) ? ${otherwise} : ${literal(program, [...scopes, here])}`;
    case 'unless':
      return `empty(${value}) ? ${literal(program, [...scopes, here])} : ${otherwise}`;
    case 'with':
      return `empty(${value}) ? ${otherwise} : ((${inner}) => ${literal(program, [...scopes, inner])})(${value})`;
    case 'each':
      return `empty(${value}) ? ${otherwise} : ${value}.map((${inner}, index, all) => ${literal(program, [...scopes, inner])}).join('')`;
    default:
      throw new Error(`a literal for {{#${path.original}}} isn't known`);
  }
}

function expression(value: Expression, scopes: readonly string[]): string {
  switch (value.type) {
    case 'PathExpression':
      return reference(value, scopes);
    case 'SubExpression':
      return call(value, scopes);
    case 'StringLiteral':
    case 'NumberLiteral':
    case 'BooleanLiteral':
      return JSON.stringify(value.value);
    default:
      return value satisfies never;
  }
}

function call({ path, params, hash }: Call, scopes: readonly string[]): string {
  const named = hash?.pairs ?? [];
  const options = `{ hash: {${named.map(({ key, value }) => `${JSON.stringify(key)}: ${expression(value, scopes)}`).join(', ')}} }`;
  const values = params.map((value) => expression(value, scopes));
  // `out` never looks at its options.
  const all = path.original === 'out' ? values : [...values, options];
  return `h.${path.original}(${all.join(', ')})`;
}

function reference({ data, depth, parts }: Path, scopes: readonly string[]): string {
  if (data && parts[0] === 'index') return 'index';
  if (data && parts[0] === 'first') return '(index === 0)';
  if (data && parts[0] === 'last') return '(index === all.length - 1)';
  if (data && parts[0] !== 'root') throw new Error(`@${parts.join('.')} isn't known`);
  const base = data ? 'root' : (scopes.at(-1 - depth) ?? 'root');
  return [base, ...parts.slice(data ? 1 : 0)].join('?.');
}

type CompileOptions = Parameters<typeof Handlebars.compile>[1];

const Path = z.object({
  type: z.literal('PathExpression'),
  data: z.boolean().optional(),
  depth: z.int(),
  parts: z.array(z.string()),
  original: z.string(),
});
type Path = z.infer<typeof Path>;
const Literal = z.object({
  type: z.enum(['StringLiteral', 'NumberLiteral', 'BooleanLiteral']),
  value: z.union([z.string(), z.number(), z.boolean()]),
});
type Call = {
  path: Path;
  params: Expression[];
  hash?: { pairs: { key: string; value: Expression }[] } | undefined;
};
type Expression = Path | z.infer<typeof Literal> | (Call & { type: 'SubExpression' });
const Expression: z.ZodType<Expression> = z.lazy(() =>
  z.union([Path, Literal, z.object({ type: z.literal('SubExpression'), ...callShape })]),
);
const callShape = {
  path: Path,
  params: z.array(Expression),
  hash: z.object({ pairs: z.array(z.object({ key: z.string(), value: Expression })) }).optional(),
};
type Block = { path: Path; params: Expression[]; program: Program; inverse?: Program | undefined };
type Statement =
  | { type: 'ContentStatement'; value: string }
  | { type: 'CommentStatement' }
  | (Call & { type: 'MustacheStatement' })
  | (Block & { type: 'BlockStatement' });
type Program = { body: Statement[] };
const Program: z.ZodType<Program> = z.lazy(() => z.object({ body: z.array(Statement) }));
const Statement: z.ZodType<Statement> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('ContentStatement'), value: z.string() }),
    z.object({ type: z.literal('CommentStatement') }),
    z.object({ type: z.literal('MustacheStatement'), ...callShape }),
    z.object({
      type: z.literal('BlockStatement'),
      path: Path,
      params: z.array(Expression),
      program: Program,
      inverse: Program.optional(),
    }),
  ]),
);
