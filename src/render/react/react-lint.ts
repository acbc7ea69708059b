import {
  type BindingPattern,
  type Expression,
  type ObjectExpression,
  type ParamPattern,
  parseSync,
  Visitor,
} from 'oxc-parser';

import type { TextUse } from '../handlebars/lint.ts';
import { lineAt } from '../source/json-file.ts';
import type { SourceProblem } from '../source/problems.ts';

const elements = new Set(['script', 'iframe', 'object', 'embed', 'form', 'base']);
const outside = new Set(['process', 'globalThis', 'global', 'eval', 'fetch', 'Function']);
/** What the compiler makes of JSX in a build. */
const makers = /^_?jsxs?$|^_?jsxDEV$|^createElement$/;

/**
 * Refuses what a React template must not do, by its syntax: words are words, whatever they look like. Addresses and keys
 * must be visible to the reader, too.
 * @param lenient addresses are looked at in the finished mail instead
 */
export function lintReact(
  source: string,
  file: string,
  lenient = false,
): { readonly problems: readonly SourceProblem[]; readonly texts: readonly TextUse[] } {
  const { program, errors } = parseSync(file, source);
  const problems: SourceProblem[] = [];
  const texts: TextUse[] = [];
  const refuse = (at: number, message: string) =>
    problems.push({ file, line: lineAt(source, at), message });
  for (const { message, labels } of errors)
    refuse(labels[0]?.start ?? 0, `can't be read: ${message}`);

  const { element, property, code, propsOf, address } = refusals(refuse);
  /** Where something of `outside` is named, names of its own among them. */
  const named: { readonly name: string; readonly start: number }[] = [];
  const own = new Set<string>();
  const keys = new Set<number>();
  const binds = (...patterns: readonly (ParamPattern | BindingPattern | null)[]) => {
    for (const pattern of patterns) for (const name of namesOf(pattern)) own.add(name);
  };
  const keyed = (one: {
    readonly key: { readonly start: number };
    readonly computed: boolean;
    readonly shorthand?: boolean;
  }) => {
    if (!one.computed && one.shorthand !== true) keys.add(one.key.start);
  };
  new Visitor({
    JSXOpeningElement: ({ start, name }) => {
      if (name.type === 'JSXIdentifier') element(start, name.name);
    },
    JSXAttribute: ({ start, name, value }) => {
      if (name.type !== 'JSXIdentifier') return;
      property(start, name.name, value?.type === 'JSXExpressionContainer');
      if (lenient || !value || (name.name !== 'href' && name.name !== 'src')) return;
      if (value.type === 'JSXExpressionContainer') {
        if (value.expression.type !== 'JSXEmptyExpression') address(start, value.expression);
      } else if (value.type === 'Literal' && !/^(https?:|mailto:|tel:|#)/.test(value.value))
        refuse(start, 'must be an http, https, mailto or tel address');
    },
    Property: (node) => {
      keyed(node);
      if (node.key.type === 'Identifier' || node.key.type === 'Literal')
        property(node.start, keyOf(node), false);
    },
    CallExpression: ({ start, callee, arguments: [first, second] }) => {
      const name =
        callee.type === 'Identifier'
          ? callee.name
          : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
            ? callee.property.name
            : '';
      if (makers.test(name)) {
        const tag = first && first.type !== 'SpreadElement' ? textOf(first) : null;
        if (tag !== null) element(start, tag);
        if (second?.type === 'ObjectExpression') propsOf(second);
      }
      if (callee.type !== 'Identifier' || name !== 't') return;
      const key = first && first.type !== 'SpreadElement' ? textOf(first) : null;
      if (key === null)
        refuse(
          start,
          "t takes its key written out, t('key'), so that a missing text is found before sending",
        );
      else texts.push({ key, args: namesIn(second), file, line: lineAt(source, start) });
    },
    MemberExpression: ({ property: { start }, computed }) => {
      if (!computed) keys.add(start);
    },
    PropertyDefinition: keyed,
    MethodDefinition: keyed,
    TSPropertySignature: keyed,
    TSMethodSignature: keyed,
    Identifier: ({ name, start }) => {
      if (outside.has(name)) named.push({ name, start });
    },
    VariableDeclarator: ({ id }) => binds(id),
    FunctionDeclaration: ({ id, params }) => binds(id, ...params),
    FunctionExpression: ({ id, params }) => binds(id, ...params),
    ArrowFunctionExpression: ({ params }) => binds(...params),
    TSFunctionType: ({ params }) => binds(...params),
    CatchClause: ({ param }) => binds(param),
    ImportDeclaration: ({ specifiers }) => binds(...specifiers.map(({ local }) => local)),
    ImportExpression: ({ start }) => code(start, 'import(…)'),
  }).visit(program);
  for (const { name, start } of named) if (!own.has(name) && !keys.has(start)) code(start, name);
  return { problems, texts };
}

/** What is refused, each by its syntax. */
function refusals(refuse: (at: number, message: string) => void) {
  const element = (at: number, name: string) => {
    if (elements.has(name)) refuse(at, `<${name}> is an element no mail may have`);
  };
  const property = (at: number, name: string, isJsx: boolean) => {
    if (name === 'dangerouslySetInnerHTML')
      refuse(at, 'dangerouslySetInnerHTML would put text into the mail unescaped');
    if (isJsx && /^on[A-Z]/.test(name)) refuse(at, `${name}: mails run no scripts`);
  };
  const code = (at: number, what: string) =>
    refuse(at, `${what}: a template only turns its view into elements`);
  const propsOf = (props: ObjectExpression) => {
    for (const one of props.properties)
      if (one.type === 'Property') property(one.start, keyOf(one), true);
  };
  const address = (at: number, value: Expression) => {
    const given = textOf(value);
    const made =
      value.type === 'CallExpression' &&
      value.callee.type === 'Identifier' &&
      ['link', 'picture'].includes(value.callee.name);
    if (!made && !(given !== null && /^(https?:|mailto:)/.test(given)))
      refuse(at, 'needs {link(…)} or an https address written out, so that its address is checked');
  };
  return { element, property, code, propsOf, address };
}

/** What a pattern gives a name to. */
function namesOf(pattern: ParamPattern | BindingPattern | null): readonly string[] {
  if (pattern === null) return [];
  if (pattern.type === 'Identifier') return [pattern.name];
  if (pattern.type === 'AssignmentPattern') return namesOf(pattern.left);
  if (pattern.type === 'RestElement') return namesOf(pattern.argument);
  if (pattern.type === 'TSParameterProperty') return namesOf(pattern.parameter);
  if (pattern.type === 'ArrayPattern') return pattern.elements.flatMap(namesOf);
  return pattern.properties.flatMap((one) =>
    namesOf(one.type === 'RestElement' ? one.argument : one.value),
  );
}

const keyOf = ({
  key,
}: {
  readonly key: { readonly type: string; readonly name?: unknown; readonly value?: unknown };
}) => (key.type === 'Identifier' ? String(key.name) : String(key.value));

const textOf = (node: { readonly type: string; readonly value?: unknown }): string | null =>
  node.type === 'Literal' && typeof node.value === 'string' ? node.value : null;

/** Names a text is given: none where nothing is; null where they can't be told. */
function namesIn(given: { readonly type: string } | undefined): readonly string[] | null {
  if (!given) return [];
  if (!isObject(given)) return null;
  const names: string[] = [];
  for (const one of given.properties) {
    if (one.type !== 'Property' || one.computed) return null;
    if (one.key.type === 'Identifier') names.push(one.key.name);
    else if (one.key.type === 'Literal') names.push(String(one.key.value));
    else return null;
  }
  return names;
}

const isObject = (node: { readonly type: string }): node is ObjectExpression =>
  node.type === 'ObjectExpression';
