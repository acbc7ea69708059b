import { countedParents } from '../mjml/mjml-elements.ts';
import { emptyComment, type MarkupReader } from './markup-reader.ts';

/** A comment for Outlook while it is read as html, and its end. */
const forOutlook = '<!--[if]>';
const endIf = '<![endif]-->';

/** Reads a comment: one for authors is dropped, one for Outlook with conditions in it read as html. */
export function readComment(reader: MarkupReader) {
  const end = reader.source.indexOf('-->', reader.at + 4);
  if (end < 0) {
    reader.refuse(reader.at, 'this comment is never closed');
    reader.at = reader.source.length;
    return;
  }
  const stop = end + 3;
  const opening = /^<!--(\[if\b[^>]*>|<!\[endif)/.exec(
    reader.source.slice(reader.at, reader.at + 80),
  )?.[0];
  const values = (reader.ahead()?.start ?? Infinity) < stop;
  if (opening !== undefined && values && !reader.structural()) {
    // Read as the html it is to Outlook.
    reader.stack.push({ name: forOutlook, line: reader.line(), mjml: false });
    reader.passTo(reader.at + opening.length);
    return;
  }
  let open = 0;
  const start = reader.at;
  for (let inside = reader.ahead(); inside && inside.start < stop; inside = reader.ahead()) {
    if (opening !== undefined)
      reader.refuse(inside.start, `${inside.source} cannot stand in a comment`);
    if (inside.kind === 'open') open++;
    if (inside.kind === 'close') open--;
    if (open < 0) break;
    reader.take(inside);
  }
  if (open !== 0)
    reader.refuse(
      start,
      'a condition that reaches out of this comment would not be followed; comment out all of it with {{!-- … --}}',
    );
  reader.at = start;
  // Plain comments are for authors, not for recipients.
  if (opening !== undefined) reader.emit(start, stop);
  else if (countedParents.has(reader.parent()?.name ?? '')) reader.place(emptyComment);
  reader.at = stop;
}

/** Whether the end of such a comment is here; it is read. */
export function endsComment(reader: MarkupReader): boolean {
  if (!reader.source.startsWith(endIf, reader.at) || reader.parent()?.name !== forOutlook)
    return false;
  reader.stack.pop();
  reader.passTo(reader.at + endIf.length);
  return true;
}
