import { countedParents } from '../mjml/mjml-elements.ts';
import { emptyComment, type MarkupReader } from './markup-reader.ts';

/** A comment for Outlook while it is read as html, and its end. */
const forOutlook = '<!--[if]>';
const endIf = /<!\s*\[endif\]\s*-->/iy;
/** What Outlook looks for, wherever it stands in a comment. */
const condition = /<!--\[if\b[^>]*>|<!\s*\[endif\b/i;

/** Reads a comment: one for authors is dropped, one for Outlook with conditions in it read as html. */
export function readComment(reader: MarkupReader) {
  const end = reader.source.indexOf('-->', reader.at + 4);
  if (end < 0) {
    reader.refuse(reader.at, 'this comment is never closed');
    reader.at = reader.source.length;
    return;
  }
  const stop = end + 3;
  const comment = reader.source.slice(reader.at, stop);
  const opening = /^<!--\[if\b[^>]*>/i.exec(comment)?.[0];
  const values = (reader.ahead()?.start ?? Infinity) < stop;
  if (opening !== undefined && values && !reader.structural()) {
    // Read as the html it is to Outlook.
    reader.stack.push({ name: forOutlook, line: reader.line(), mjml: false });
    reader.passTo(reader.at + opening.length);
    return;
  }
  const forOutlookToo = condition.test(comment);
  let open = 0;
  const start = reader.at;
  for (let inside = reader.ahead(); inside && inside.start < stop; inside = reader.ahead()) {
    if (forOutlookToo) reader.refuse(inside.start, `${inside.source} cannot stand in a comment`);
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
  if (forOutlookToo) reader.emit(start, stop);
  else if (countedParents.has(reader.parent()?.name ?? '')) reader.place(emptyComment);
  reader.at = stop;
}

/** Whether the end of such a comment is here; it is read. */
export function endsComment(reader: MarkupReader): boolean {
  const end = reader.parent()?.name === forOutlook ? reader.match(endIf)?.[0] : undefined;
  if (end === undefined) return false;
  reader.stack.pop();
  reader.passTo(reader.at + end.length);
  return true;
}
