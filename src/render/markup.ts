import { lineAt } from './json-file.ts';
import type { Mustache } from './mustache.ts';
import type { SourceProblem } from './problems.ts';

/** An open element while a file is read. Shared with the partials that stand in it. */
export type OpenElement = {
  readonly name: string;
  readonly line: number;
  /** A condition or loop stands directly in it. */
  conditional: boolean;
  /** Columns directly in it that leave their width to MJML. */
  readonly looseColumns: { readonly file: string; readonly line: number }[];
};

/** Where a `{{…}}` stands: between MJML elements, in text, or in a quoted attribute. */
export type Place = 'structure' | 'text' | 'attribute';

export type MarkupEvents = {
  /** Markup as written; `css` where no html is read. */
  readonly text: (text: string, line: number, css: boolean) => void;
  readonly mustache: (mustache: Mustache, place: Place) => void;
  readonly partial: (mustache: Mustache) => void;
};

/** MJML elements whose content is html, which MJML passes through. */
const contentElements = new Set([
  'mj-text',
  'mj-button',
  'mj-table',
  'mj-raw',
  'mj-title',
  'mj-preview',
  'mj-style',
  'mj-navbar-link',
  'mj-social-element',
  'mj-accordion-title',
  'mj-accordion-text',
]);
/** MJML elements that keep an mj-raw where it stands. Elsewhere MJML would move or drop a condition. */
const conditionalElements = new Set([
  'mj-body',
  'mj-wrapper',
  'mj-section',
  'mj-group',
  'mj-column',
  'mj-hero',
]);
const voidElements = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);
const refusedElements: Readonly<Record<string, string>> = {
  'mj-include': 'write {{> name}} instead',
  'mj-html-attributes': 'write the attribute itself',
  'mj-font': 'it loads a style sheet from elsewhere; fonts are those of the brand',
  script: 'mails run no scripts',
  iframe: 'no mail client shows it',
  object: 'no mail client shows it',
  embed: 'no mail client shows it',
  base: 'links are written out',
  link: 'it loads something from elsewhere',
  form: 'no mail client keeps it',
};
const urlAttributes = new Set(
  'href src background background-url action formaction poster cite srcset xlink:href data'.split(
    ' ',
  ),
);
const fixedAttributes = new Set(
  'style colspan rowspan span class css-class mj-class id'.split(' '),
);
const mjmlAttributes = new Set(['href', 'src', 'alt', 'title']);
const maxDepth = 50;
const maxSpan = 50;

const isStructure = (name: string) => /^mj(ml|-)/.test(name) && !contentElements.has(name);

/**
 * Reads one MJML file, tells `events` what is in it in order, and refuses what could go wrong silently later: text
 * MJML would drop, values in places where escaping isn't enough, tags that aren't closed. `stack` holds what is open
 * around the file; it is the same afterwards.
 */
export function walkMarkup(
  source: string,
  file: string,
  mustaches: readonly Mustache[],
  stack: OpenElement[],
  events: MarkupEvents,
): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const ground = stack.length;
  const blocks: { readonly mustache: Mustache; readonly depth: number; readonly scope: number }[] =
    [];
  let next = 0;
  let at = 0;
  const refuse = (position: number, message: string) =>
    problems.push({ file, line: lineAt(source, position), message });
  const parent = () => stack.at(-1);
  const structural = () => {
    const top = parent();
    return top === undefined || isStructure(top.name);
  };
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const emit = (from: number, to: number, css = false) => {
    if (to > from) events.text(source.slice(from, to), lineAt(source, from), css);
  };
  const mustacheHere = () => {
    const mustache = mustaches[next];
    return mustache?.start === at ? mustache : undefined;
  };
  const take = (mustache: Mustache) => {
    next++;
    at = mustache.end;
  };

  while (at < source.length) {
    const mustache = mustacheHere();
    if (mustache) {
      take(mustache);
      inContent(mustache);
    } else if (source.startsWith('<!--', at)) comment();
    else if (source.startsWith('</', at)) closeTag();
    else if (/[a-zA-Z]/.test(source[at + 1] ?? '') && source[at] === '<') openTag();
    else if (source[at] === '<') {
      refuse(at, 'a "<" in text is written &lt;');
      at++;
    } else text();
  }
  for (const { mustache } of blocks)
    refuse(mustache.start, `${mustache.source} is not closed in this file`);
  for (const open of stack.splice(ground))
    problems.push({ file, line: open.line, message: `<${open.name}> is not closed in this file` });
  return problems;

  function text() {
    const end = Math.min(
      ...[source.indexOf('<', at), mustaches[next]?.start ?? -1, source.length].filter(
        (position) => position >= at && position > -1,
      ),
    );
    const stop = end === at ? at + 1 : end;
    if (structural() && source.slice(at, stop).trim() !== '')
      refuse(
        at + (source.slice(at, stop).search(/\S/) ?? 0),
        'MJML drops text here; put it into <mj-text>',
      );
    emit(at, stop);
    at = stop;
  }

  function inContent(mustache: Mustache) {
    const top = parent();
    switch (mustache.kind) {
      case 'comment':
        return;
      case 'partial':
        events.partial(mustache);
        return;
      case 'value':
        if (structural())
          refuse(mustache.start, `MJML drops ${mustache.source} here; put it into <mj-text>`);
        events.mustache(mustache, 'text');
        return;
      case 'open':
        blocks.push({ mustache, depth: stack.length, scope: -1 });
        break;
      case 'else':
      case 'close': {
        const open = blocks.at(-1);
        if (!open || open.scope !== -1)
          refuse(mustache.start, `${mustache.source} closes nothing that was opened here`);
        else if (open.depth !== stack.length)
          refuse(
            mustache.start,
            `<${top?.name ?? ''}> must be opened and closed on the same side of ${open.mustache.source}`,
          );
        if (mustache.kind === 'close') blocks.pop();
      }
    }
    if (structural() && top) {
      if (!conditionalElements.has(top.name))
        refuse(mustache.start, `${mustache.source} cannot stand directly in <${top.name}>`);
      top.conditional = true;
    }
    events.mustache(mustache, structural() ? 'structure' : 'text');
  }

  function comment() {
    const end = source.indexOf('-->', at + 4);
    if (end < 0) {
      refuse(at, 'this comment is never closed');
      at = source.length;
      return;
    }
    const stop = end + 3;
    const conditional = /^<!--(\[if\b|<!\[endif)/.test(source.slice(at, at + 20));
    for (let inside = mustaches[next]; inside && inside.start < stop; inside = mustaches[++next])
      if (conditional) refuse(inside.start, `${inside.source} cannot stand in a comment`);
    // Plain comments are for authors, not for recipients.
    if (conditional) emit(at, stop);
    at = stop;
  }

  function closeTag() {
    const found = match(/<\/([a-zA-Z][\w:-]*)\s*>/y);
    if (!found) {
      refuse(at, 'this closing tag is not complete');
      at += 2;
      return;
    }
    const name = (found[1] ?? '').toLowerCase();
    const open = stack.at(-1);
    const block = blocks.at(-1);
    if (stack.length <= ground || !open) refuse(at, `</${name}> closes nothing`);
    else if (block && block.scope === -1 && block.depth === stack.length)
      refuse(
        at,
        `</${name}> stands within ${block.mustache.source} but <${open.name}> was opened before it`,
      );
    else if (open.name !== name) {
      refuse(at, `</${name}> where <${open.name}> of line ${open.line} must be closed first`);
      const index = stack.findLastIndex((element) => element.name === name);
      if (index >= ground) stack.length = index;
    } else {
      stack.pop();
      if (open.conditional)
        for (const column of open.looseColumns)
          problems.push({
            ...column,
            message: `<mj-column> needs a width: what stands beside it depends on a condition, and MJML cannot know`,
          });
    }
    emit(at, at + found[0].length);
    at += found[0].length;
  }

  function openTag() {
    const start = at;
    const name = (match(/<([a-zA-Z][\w:-]*)/y)?.[1] ?? '').toLowerCase();
    const why = refusedElements[name];
    if (why !== undefined) refuse(start, `<${name}> is refused: ${why}`);
    const inStructure = structural();
    if (inStructure && parent() && !name.startsWith('mj'))
      refuse(start, `MJML drops <${name}> here; put it into <mj-text>, <mj-table> or <mj-raw>`);
    at += name.length + 1;
    emit(start, at);
    const attributes = new Set<string>();
    for (;;) {
      const space = match(/\s*/y)?.[0].length ?? 0;
      emit(at, at + space);
      at += space;
      const inside = mustacheHere();
      const end = match(/\/?>/y);
      if (inside) {
        refuse(at, `${inside.source} cannot stand in a tag; put the condition around the element`);
        take(inside);
      } else if (end) {
        emit(at, at + end[0].length);
        at += end[0].length;
        opened(name, start, end[0] === '/>', attributes);
        return;
      } else if (at >= source.length || source[at] === '<') {
        refuse(start, `<${name} is not complete`);
        return;
      } else attribute(name, attributes);
    }
  }

  function opened(name: string, start: number, closed: boolean, attributes: ReadonlySet<string>) {
    const outer = parent();
    const line = lineAt(source, start);
    if (name === 'mj-column' && outer && !attributes.has('width'))
      outer.looseColumns.push({ file, line });
    if (closed || voidElements.has(name)) return;
    stack.push({ name, line, conditional: false, looseColumns: [] });
    if (stack.length > maxDepth) {
      refuse(start, `elements are nested more than ${maxDepth} deep`);
      at = source.length;
      stack.length = ground;
    } else if (name === 'style' || name === 'mj-style') styleSheet(name, start, attributes);
  }

  function styleSheet(name: string, start: number, attributes: ReadonlySet<string>) {
    if (attributes.has('inline'))
      refuse(start, '<mj-style inline> is refused: inlining rearranges conditions in tables');
    const close = source.toLowerCase().indexOf(`</${name}`, at);
    const stop = close < 0 ? source.length : close;
    for (let inside = mustaches[next]; inside && inside.start < stop; inside = mustaches[++next])
      refuse(
        inside.start,
        `${inside.source} cannot stand in CSS; colours are brand tokens: [[accent]]`,
      );
    const content = source.slice(at, stop);
    if (/@import|expression\s*\(|url\s*\(\s*['"]?(?!data:image\/)/i.test(content))
      refuse(at, 'CSS must not load anything from elsewhere');
    if (/\P{ASCII}/u.test(content)) refuse(at, 'CSS must be ASCII; write \\2014 and the like');
    emit(at, stop, true);
    at = stop;
  }

  function attribute(tag: string, attributes: Set<string>) {
    const start = at;
    const name = match(/[^\s=>/"'<{}]+/y)?.[0] ?? '';
    if (name === '') {
      refuse(at, `unexpected ${source[at] ?? ''} in <${tag}>`);
      at++;
      return;
    }
    const lower = name.toLowerCase();
    attributes.add(lower);
    at += name.length;
    const equals = match(/\s*=\s*/y)?.[0];
    if (lower.startsWith('on') && !tag.startsWith('mj'))
      refuse(start, `${name}: mails run no scripts`);
    if (equals === undefined) {
      emit(start, at);
      return;
    }
    at += equals.length;
    const quote = source[at];
    if (quote !== '"' && quote !== "'") {
      refuse(start, `${name} needs quotes around its value`);
      const inside = mustacheHere();
      if (inside) take(inside);
      else at += match(/[^\s>]*/y)?.[0].length ?? 1;
      return;
    }
    at++;
    emit(start, at);
    value(tag, lower, quote, start);
  }

  function value(tag: string, name: string, quote: string, start: number) {
    const scope = start;
    const from = at;
    const inside: Mustache[] = [];
    for (;;) {
      const mustache = mustacheHere();
      if (mustache) {
        take(mustache);
        inside.push(mustache);
        inAttribute(mustache, scope);
        continue;
      }
      const close = source.indexOf(quote, at);
      const stop = Math.min(close, mustaches[next]?.start ?? Infinity);
      if (close < 0) {
        refuse(start, `${name} is not closed`);
        at = source.length;
        return;
      }
      emit(at, stop);
      at = stop;
      if (stop === close) break;
    }
    const written = source.slice(from, at);
    emit(at, at + 1);
    at++;
    for (const open of blocks.splice(blocks.findIndex((block) => block.scope === scope) >>> 0))
      refuse(open.mustache.start, `${open.mustache.source} is not closed within ${name}`);
    checkValue(tag, name, written, inside, start);
  }

  function inAttribute(mustache: Mustache, scope: number) {
    if (mustache.kind === 'comment') return;
    if (mustache.kind === 'partial') {
      refuse(mustache.start, `${mustache.source} cannot stand in an attribute`);
      return;
    }
    if (mustache.kind === 'open') blocks.push({ mustache, depth: stack.length, scope });
    else if (mustache.kind !== 'value' && blocks.at(-1)?.scope !== scope)
      refuse(mustache.start, `${mustache.source} closes nothing that was opened in this attribute`);
    else if (mustache.kind === 'close') blocks.pop();
    events.mustache(mustache, 'attribute');
  }

  function checkValue(
    tag: string,
    name: string,
    written: string,
    inside: readonly Mustache[],
    start: number,
  ) {
    const [first] = inside;
    if (urlAttributes.has(name)) {
      if (first) {
        const alone = inside.length === 1 && written.trim() === first.source;
        if (!alone || !/^\{\{~?\s*link\s/.test(first.source))
          refuse(
            start,
            `${name} takes one {{link …}} and nothing else, so that its address is checked`,
          );
      } else if (!/^(https?:|mailto:|tel:|#|\[\[)/i.test(written.trim()))
        refuse(start, `${name} must be http, https, mailto or tel, or a {{link …}}`);
    }
    if (first && fixedAttributes.has(name))
      refuse(
        start,
        `${first.source} cannot stand in ${name}; put a condition around the element, colours are brand tokens`,
      );
    else if (first && tag.startsWith('mj') && !mjmlAttributes.has(name))
      refuse(
        start,
        `${first.source} cannot stand in ${name}: MJML calculates with it before there is a value`,
      );
    if (/^(col|row)?span$/.test(name) && !(Number(written) <= maxSpan))
      refuse(start, `${name} must be a number up to ${maxSpan}`);
    if (name === 'http-equiv') refuse(start, 'http-equiv is refused');
  }
}
