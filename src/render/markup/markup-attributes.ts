import type { Expression } from '../handlebars/expression.ts';
import { valueProblems } from './attribute-values.ts';
import { closeWithin, inTag } from './markup-conditions.ts';
import type { MarkupReader, OpenElement } from './markup-reader.ts';

/** What selectors ask for, and what inlining writes. */
const searched = new Set(['class', 'id', 'style']);

/** Reads one attribute with its value. */
export function readAttribute(
  reader: MarkupReader,
  tag: Pick<OpenElement, 'name' | 'mjml'>,
  attributes: Set<string>,
) {
  const start = reader.at;
  const name = reader.match(/[^\s=>/"'<{}]+/y)?.[0] ?? '';
  if (name === '') {
    reader.refuse(reader.at, `unexpected ${reader.source[reader.at] ?? ''} in <${tag.name}>`);
    reader.at++;
    return;
  }
  const lower = name.toLowerCase();
  attributes.add(lower);
  if (tag.mjml) reader.events.attribute(lower);
  reader.at += name.length;
  readValueOf(reader, tag.mjml, lower, start);
  if (tag.mjml) reader.events.endAttribute();
}

function readValueOf(reader: MarkupReader, mjml: boolean, name: string, start: number) {
  const equals = reader.match(/\s*=\s*/y)?.[0];
  if (name.startsWith('on') && !mjml) reader.refuse(start, `${name}: mails run no scripts`);
  if (equals === undefined) {
    reader.emit(start, reader.at);
    return;
  }
  reader.at += equals.length;
  const quote = reader.source[reader.at];
  if (quote !== '"' && quote !== "'") {
    const inside = reader.expressionHere();
    const message = `${name} needs quotes around its value`;
    if (inside) {
      reader.refuse(start, message);
      reader.take(inside);
      return;
    }
    reader.complain(start, message);
    const from = reader.at;
    reader.at += reader.match(/[^\s>]*/y)?.[0].length ?? 1;
    reader.emit(start, reader.at);
    checkValue(
      reader,
      { mjml, name, written: reader.source.slice(from, reader.at), inside: [] },
      start,
    );
    return;
  }
  reader.at++;
  reader.emit(start, reader.at);
  readQuoted(reader, mjml, name, quote, start);
}

function readQuoted(
  reader: MarkupReader,
  mjml: boolean,
  name: string,
  quote: string,
  start: number,
) {
  const scope = start;
  const from = reader.at;
  const inside: Expression[] = [];
  for (;;) {
    const expression = reader.expressionHere();
    if (expression) {
      reader.take(expression);
      inside.push(expression);
      inAttribute(reader, expression, scope);
      if (!mjml && expression.kind === 'open' && searched.has(name))
        reader.events.restyled(expression);
      continue;
    }
    const close = reader.source.indexOf(quote, reader.at);
    const stop = Math.min(close, reader.ahead()?.start ?? Infinity);
    if (close < 0) {
      reader.refuse(start, `${name} is not closed`);
      reader.at = reader.source.length;
      return;
    }
    reader.passTo(stop);
    if (stop === close) break;
  }
  const written = reader.source.slice(from, reader.at);
  reader.passTo(reader.at + 1);
  closeWithin(reader, scope, name);
  checkValue(reader, { mjml, name, written, inside }, start);
}

function checkValue(
  reader: MarkupReader,
  value: Parameters<typeof valueProblems>[0],
  start: number,
) {
  for (const { message, harmless } of valueProblems(value))
    if (harmless) reader.complain(start, message);
    else reader.refuse(start, message);
}

function inAttribute(reader: MarkupReader, expression: Expression, scope: number) {
  if (expression.kind === 'comment') return;
  if (expression.kind === 'partial')
    reader.refuse(expression.start, `${expression.source} cannot stand in an attribute`);
  else if (expression.kind === 'value') reader.events.expression(expression);
  else inTag(reader, expression, scope, 'attribute');
}

/** A condition around whole attributes. */
export function aroundAttributes(reader: MarkupReader, expression: Expression, scope: number) {
  reader.take(expression);
  if (expression.kind === 'value' || expression.kind === 'partial')
    reader.refuse(
      expression.start,
      `${expression.source} cannot stand in a tag; only within quotes`,
    );
  else {
    if (!reader.structural()) reader.events.restyled(expression);
    inTag(reader, expression, scope, 'tag');
  }
}
