import { expect, it } from 'vitest';

import { lintReact } from './react-lint.ts';

const told = (source: string, file = 'note/body.tsx') =>
  lintReact(source, file).problems.map(({ line, message }) => `${line}: ${message}`);

it.each([
  'This completes the process. We import (and export) tea.',
  'We fetch (it), eval (uate) it and ask t(he) customer; new Function of the app.',
  'dangerouslySetInnerHTML, script and onClick are words.',
  "Don't /* comment out */ // this either: process.env",
])('R11: prose is prose, in JSX, in texts and in a build: %s', (prose) => {
  const text = JSON.stringify(prose);
  expect(told(`export default () => <p title=${text}>${prose}</p>;`)).toEqual([]);
  expect(told(`export default () => <p>{${text}}{\`${prose}\`}</p>; // ${prose}`)).toEqual([]);
  expect(told(`export default () => _jsx("p", { children: ${text} });`, 'note/body.js')).toEqual(
    [],
  );
});

it.each([
  ['<p>{process.env.A}</p>', '2: process: a template'],
  ["<p>{process['env']}</p>", '2: process: a template'],
  ['<p>{globalThis.fetch("x")}</p>', '2: globalThis: a template'],
  ['<p>{fetch("x")}</p>', '2: fetch: a template'],
  ['<p>{eval("x")}</p>', '2: eval: a template'],
  ['<p>{new Function("x")()}</p>', '2: Function: a template'],
  ['<p>{import("node:fs")}</p>', '2: import(…): a template'],
  ['<p>{[fetch].length}</p>', '2: fetch: a template'],
  ['<p>{{ process }.process}</p>', '2: process: a template'],
  ["<p>{(0, eval)('1')}</p>", '2: eval: a template'],
  ["<p>{(globalThis as any)['fetch']}</p>", '2: globalThis: a template'],
  ['<p>{(({ env }) => env)(process)}</p>', '2: process: a template'],
  ['<script />', '2: <script> is an element'],
  ['_jsx("script", {})', '2: <script> is an element'],
  ['_jsx("p", { onClick: x })', '2: onClick: mails run no scripts'],
  ['<p onClick={x} />', '2: onClick: mails run no scripts'],
  ['_jsx("p", { dangerouslySetInnerHTML: x })', '2: dangerouslySetInnerHTML'],
  ['<p {...{ dangerouslySetInnerHTML: x }} />', '2: dangerouslySetInnerHTML'],
  ['<a href={data.url} />', '2: needs {link(…)}'],
  ['<a href="ftp://x" />', '2: must be an http'],
  ['<p>{t(key)}</p>', '2: t takes its key written out'],
  ['<p>', "can't be read: "],
])('R11: code is code, and named: %s', (jsx, message) => {
  expect(told(`export default () => (\n${jsx}\n);`)).toContainEqual(
    expect.stringContaining(message),
  );
});

it.each([
  'steps.map((process) => <p>{process.name}</p>)',
  'steps.map(({ process, global: [fetch] }) => <p>{process}{fetch("x")}</p>)',
  '((eval = 1, ...fetch) => <p>{fetch}{eval}</p>)()',
  '<p title={view.process}>{view.data.fetch("x")}{{ fetch: 1, eval: 2 }.fetch}</p>',
])('R11: a name of its own is its own: %s', (jsx) => {
  expect(told(`export default ({ view, steps }) => (\n${jsx}\n);`)).toEqual([]);
});

it('tells the texts a component says, and what each is given', () => {
  const { texts } = lintReact(
    "x = [t('a'), t('b', { n, 'm': 1 }), t('c', rest), t('d', { ...rest })];",
    'b.tsx',
  );
  expect(texts.map(({ key, args }) => [key, args])).toEqual([
    ['a', []],
    ['b', ['n', 'm']],
    ['c', null],
    ['d', null],
  ]);
});
