import type { Expression } from '../handlebars/expression.ts';
import { countedParents } from '../mjml/mjml-elements.ts';
import { emptyComment, type MarkupReader, type OpenCondition } from './markup-reader.ts';

/** A `{{…}}` between elements or in text. */
export function inContent(reader: MarkupReader, expression: Expression) {
  switch (expression.kind) {
    case 'comment':
      return;
    case 'partial':
      reader.events.partial(expression);
      return;
    case 'value':
      if (reader.structural())
        reader.refuse(
          expression.start,
          `MJML drops ${expression.source} here; put it into <mj-text>`,
        );
      reader.events.expression(expression);
      return;
    case 'open':
      reader.blocks.push(openCondition(reader, expression, -1));
      break;
    case 'else':
    case 'close': {
      const open = reader.blocks.at(-1);
      if (!open || open.scope !== -1)
        reader.refuse(expression.start, `${expression.source} closes nothing that was opened here`);
      else if (open.depth !== reader.stack.length) uneven(reader, expression, open);
      if (expression.kind === 'close') reader.blocks.pop();
    }
  }
  reader.events.expression(expression);
}

const openCondition = (
  reader: MarkupReader,
  expression: Expression,
  scope: number,
): OpenCondition => ({
  expression,
  depth: reader.stack.length,
  around: [...reader.stack],
  scope,
});

/** A branch that opens or closes half of an element. Html elsewhere is written so, and is passed on as it is written. */
function uneven(
  reader: MarkupReader,
  expression: Expression,
  { expression: open, around }: OpenCondition,
) {
  const message = `<${reader.parent()?.name ?? ''}> must be opened and closed on the same side of ${open.source}`;
  const beyond = [...reader.stack.slice(around.length), ...around.slice(reader.stack.length)];
  if (beyond.some(({ mjml }) => mjml)) {
    reader.refuse(expression.start, message);
    return;
  }
  reader.complain(expression.start, message);
  if (reader.events.note) reader.stack.splice(0, Infinity, ...around);
}

/** One in a tag or in an attribute's value, which is its `scope`. */
export function inTag(reader: MarkupReader, expression: Expression, scope: number, where: string) {
  if (expression.kind === 'open') reader.blocks.push(openCondition(reader, expression, scope));
  else if (expression.kind === 'comment') return;
  else if (reader.blocks.at(-1)?.scope !== scope)
    reader.refuse(
      expression.start,
      `${expression.source} closes nothing that was opened in this ${where}`,
    );
  else if (expression.kind === 'close') reader.blocks.pop();
  reader.events.expression(expression);
}

/** Refuses what the scope left open. */
export function closeWithin(reader: MarkupReader, scope: number, what: string) {
  const first = reader.blocks.findIndex((block) => block.scope === scope);
  if (first < 0) return;
  for (const { expression } of reader.blocks.splice(first))
    reader.refuse(
      expression.start,
      `${expression.source} is not closed within ${what}; put the condition into one attribute, class="{{#if …}}a{{else}}b{{/if}}", or around the whole element`,
    );
}

/** `<mj-raw>{{#if …}}</mj-raw>`, as conditions are written for MJML's own sake: they are read without it. */
export function wrappedConditions(reader: MarkupReader): boolean {
  const opening = reader.match(/<mj-raw\s*>\s*/y)?.[0];
  if (opening === undefined) return false;
  const found: Expression[] = [];
  let depth = 0;
  let end = reader.at + opening.length;
  for (let one = reader.ahead(); one?.start === end; one = reader.ahead(found.length)) {
    if (one.kind === 'value' || one.kind === 'partial') return false;
    depth += one.kind === 'open' ? 1 : one.kind === 'close' ? -1 : 0;
    found.push(one);
    end = one.end + (/^\s*/.exec(reader.source.slice(one.end, one.end + 200))?.[0].length ?? 0);
  }
  const closing = /^<\/mj-raw\s*>/.exec(reader.source.slice(end, end + 40))?.[0];
  const kinds = new Set(found.map(({ kind }) => kind));
  if (closing === undefined || found.length === 0 || (depth === 0 && !kinds.has('else')))
    return false;
  for (const expression of found) {
    if (countedParents.has(reader.parent()?.name ?? '')) reader.place(emptyComment);
    reader.take(expression);
    inContent(reader, expression);
  }
  reader.at = end + closing.length;
  return true;
}
