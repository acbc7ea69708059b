import { refusedElements } from './harm.ts';
import { aroundAttributes, readAttribute } from './markup-attributes.ts';
import { closeWithin, wrappedConditions } from './markup-conditions.ts';
import { isMjml, type MarkupReader, type OpenElement } from './markup-reader.ts';
import { literalContent, styleSheet } from './markup-unread.ts';

const voidElements = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);
const refused: Readonly<Record<string, string>> = {
  'mj-include':
    'put what it includes beside body.mjml or into partials/, as name.mjml, and write {{> name}} instead',
  'mj-font': 'it loads a style sheet from elsewhere; fonts are those of the brand',
  ...refusedElements,
};
const maxDepth = 50;

/** Reads a start tag, and content in which no elements are read. */
export function openTag(reader: MarkupReader) {
  const start = reader.at;
  const name = (reader.match(/<([a-zA-Z][\w:-]*)/y)?.[1] ?? '').toLowerCase();
  if (name === 'mj-raw' && reader.structural() && wrappedConditions(reader)) return;
  if (reader.events.note && (name === 'mj-font' || name === 'link') && leftOut(reader, name))
    return;
  const why = refused[name];
  if (why !== undefined) reader.refuse(start, `<${name}> is refused: ${why}`);
  if (reader.structural() && reader.parent() && !isMjml(name))
    reader.complain(
      start,
      `MJML drops <${name}> here; put it into <mj-text>, <mj-table> or <mj-raw>`,
    );
  const mjml = isMjml(name) && reader.structural();
  if (isMjml(name) && !mjml)
    reader.complain(start, `MJML does not read <${name}> within <${reader.parent()?.name ?? ''}>`);
  const line = reader.line(start);
  if (mjml) reader.events.element(name, line);
  reader.at += name.length + 1;
  reader.emit(start, reader.at);
  const attributes = new Set<string>();
  for (;;) {
    const space = reader.match(/\s*/y)?.[0].length ?? 0;
    reader.passTo(reader.at + space);
    const inside = reader.expressionHere();
    const end = reader.match(/\/?>/y);
    if (inside) aroundAttributes(reader, inside, start);
    else if (end) {
      reader.passTo(reader.at + end[0].length);
      closeWithin(reader, start, `the tag of <${name}>`);
      opened(reader, { name, line, mjml }, start, end[0] === '/>', attributes);
      return;
    } else if (reader.at >= reader.source.length || reader.source[reader.at] === '<') {
      reader.refuse(start, `<${name} is not complete`);
      return;
    } else readAttribute(reader, { name, mjml }, attributes);
  }
}

/** What would load something from elsewhere. */
function leftOut(reader: MarkupReader, name: string): boolean {
  const tag = reader.match(
    /<[\w-]+(?:\s+[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(?:\/>|>(?:\s*<\/mj-font\s*>)?)/y,
  )?.[0];
  if (tag === undefined || tag.includes('{{')) return false;
  reader.events.note?.({
    file: reader.file,
    line: reader.line(),
    message: `<${name}> was left out: ${refused[name] ?? ''}`,
  });
  reader.at += tag.length;
  return true;
}

function opened(
  reader: MarkupReader,
  element: OpenElement,
  start: number,
  closed: boolean,
  attributes: ReadonlySet<string>,
) {
  const { name, mjml } = element;
  if (mjml) reader.events.inside();
  if (closed || voidElements.has(name)) {
    if (mjml) reader.events.endElement('');
    return;
  }
  reader.stack.push(element);
  if (reader.stack.length > maxDepth) {
    reader.refuse(start, `elements are nested more than ${maxDepth} deep`);
    reader.at = reader.source.length;
    reader.stack.length = reader.ground;
  } else if (name === 'style' || name === 'mj-style') styleSheet(reader, name, attributes);
  else if (name === 'mj-html-attribute') literalContent(reader, name);
}

/** Reads an end tag. */
export function closeTag(reader: MarkupReader) {
  const found = reader.match(/<\/([a-zA-Z][\w:-]*)\s*>/y);
  if (!found) {
    reader.refuse(reader.at, 'this closing tag is not complete');
    reader.at += 2;
    return;
  }
  const name = (found[1] ?? '').toLowerCase();
  const open = reader.stack.at(-1);
  const block = reader.blocks.at(-1);
  if (reader.stack.length <= reader.ground || !open)
    return stray(reader, name, found[0], `</${name}> closes nothing`);
  if (block && block.scope === -1 && block.depth === reader.stack.length)
    return stray(
      reader,
      name,
      found[0],
      `</${name}> stands within ${block.expression.source} but <${open.name}> was opened before it`,
    );
  if (open.name !== name) {
    if (crossing(reader, name, open)) return;
  } else {
    reader.stack.pop();
    if (open.mjml) reader.events.endElement(found[0]);
    else reader.emit(reader.at, reader.at + found[0].length);
    reader.at += found[0].length;
    return;
  }
  reader.at += found[0].length;
}

/** A tag that closes nothing here: html of elsewhere is passed on as it is written, for browsers know what to do. */
function stray(reader: MarkupReader, name: string, tag: string, message: string): void {
  const html = !isMjml(name) && !reader.structural();
  if (html) reader.complain(reader.at, message);
  else reader.refuse(reader.at, message);
  const end = reader.at + tag.length;
  if (html) reader.passTo(end);
  else reader.at = end;
}

/** True: what is open was closed for it, as browsers do; the tag is still to be read. */
function crossing(reader: MarkupReader, name: string, open: OpenElement): boolean {
  reader.complain(
    reader.at,
    `</${name}> where <${open.name}> of line ${open.line} must be closed first`,
  );
  const index = reader.stack.findLastIndex((element) => element.name === name);
  const block = reader.blocks.findLast(({ scope }) => scope === -1);
  if (reader.events.note && !open.mjml) {
    // As it is written: html is closed by browsers, and MJML reads none of it.
    if (index >= Math.max(reader.ground, block?.depth ?? 0)) reader.stack.length = index + 1;
    else reader.passTo(reader.source.indexOf('>', reader.at) + 1);
    return true;
  }
  if (index >= reader.ground) reader.stack.length = index;
  return false;
}
