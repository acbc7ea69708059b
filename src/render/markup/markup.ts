import type { Expression } from '../handlebars/expression.ts';
import type { SourceProblem } from '../source/problems.ts';
import { endsComment, readComment } from './markup-comment.ts';
import { inContent } from './markup-conditions.ts';
import { type MarkupEvents, MarkupReader, type OpenElement } from './markup-reader.ts';
import { closeTag, openTag } from './markup-tags.ts';

/**
 * Reads one MJML file, tells `events` what is in it in order, and refuses what could go wrong silently later: text
 * MJML would drop, values in places where escaping isn't enough, tags that aren't closed. `stack` holds what is open
 * around the file; it is the same afterwards.
 */
export function walkMarkup(
  source: string,
  file: string,
  expressions: readonly Expression[],
  stack: OpenElement[],
  events: MarkupEvents,
): SourceProblem[] {
  const reader = new MarkupReader({ source, file, expressions, stack, events });
  while (reader.at < source.length) {
    const { at } = reader;
    const expression = reader.expressionHere();
    if (expression) {
      reader.take(expression);
      inContent(reader, expression);
    } else if (source.startsWith('<!--', at)) readComment(reader);
    else if (endsComment(reader)) continue;
    else if (source.startsWith('</', at)) closeTag(reader);
    else if (/[a-zA-Z]/.test(source[at + 1] ?? '') && source[at] === '<') openTag(reader);
    else if (!reader.structural() && /^<[!?]/.test(source.slice(at, at + 2)))
      readDeclaration(reader);
    else if (source[at] === '<') {
      reader.complain(at, 'a "<" in text is written &lt;');
      reader.passTo(at + 1);
    } else readText(reader);
  }
  for (const { expression } of reader.blocks)
    reader.refuse(expression.start, `${expression.source} is not closed in this file`);
  for (const { name, line } of stack.splice(reader.ground))
    reader.problems.push({ file, line, message: `<${name}> is not closed in this file` });
  return reader.problems;
}

/** `<!doctype html>` and the like, as they are. */
function readDeclaration(reader: MarkupReader) {
  const end = reader.source.indexOf('>', reader.at);
  if (end < 0) reader.refuse(reader.at, 'this declaration is not complete');
  else if ((reader.ahead()?.start ?? Infinity) < end)
    reader.refuse(reader.at, 'nothing can depend on data in a declaration');
  reader.passTo(end < 0 ? reader.source.length : end + 1);
}

function readText(reader: MarkupReader) {
  const end = Math.min(
    ...[
      reader.source.indexOf('<', reader.at),
      reader.ahead()?.start ?? -1,
      reader.source.length,
    ].filter((position) => position >= reader.at && position > -1),
  );
  const stop = end === reader.at ? reader.at + 1 : end;
  if (reader.structural() && reader.source.slice(reader.at, stop).trim() !== '')
    reader.complain(
      reader.at + (reader.source.slice(reader.at, stop).search(/\S/) ?? 0),
      'MJML drops text here; put it into <mj-text>',
    );
  reader.passTo(stop);
}
