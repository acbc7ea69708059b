import { valueProblems } from './attribute-values.ts';
import { lineAt } from './json-file.ts';
import { contentElements, countedParents } from './mjml-elements.ts';
import type { Mustache } from './mustache.ts';
import type { SourceProblem } from './problems.ts';
import { cssProblems } from './style-sheet.ts';

/** An open element while a file is read. Shared with the partials that stand in it. */
export type OpenElement = {
  readonly name: string;
  readonly line: number;
  /** Read by MJML, not part of the html within its elements. */
  readonly mjml: boolean;
};

export type MarkupEvents = {
  /** Markup as written; `css` where no html is read. */
  readonly text: (text: string, line: number, css: boolean) => void;
  readonly mustache: (mustache: Mustache) => void;
  readonly partial: (mustache: Mustache) => void;
  /** A condition in the tag of an html element that decides what a style sheet would find there. */
  readonly restyled: (mustache: Mustache) => void;
  /** Takes what MJML itself lets pass though it does no good. Null: that is a mistake here. */
  readonly note: ((problem: SourceProblem) => void) | null;
  /** From `<name` of an MJML element on; then its attributes; then `inside`, and what stands in it. */
  readonly element: (name: string, line: number) => void;
  readonly attribute: (name: string) => void;
  readonly endAttribute: () => void;
  readonly inside: () => void;
  readonly endElement: (close: string) => void;
};

const voidElements = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);
const refusedElements: Readonly<Record<string, string>> = {
  'mj-include':
    'put what it includes beside body.mjml or into partials/, as name.mjml, and write {{> name}} instead',
  'mj-font': 'it loads a style sheet from elsewhere; fonts are those of the brand',
  script: 'mails run no scripts',
  iframe: 'no mail client shows it',
  object: 'no mail client shows it',
  embed: 'no mail client shows it',
  base: 'links are written out',
  link: 'it loads something from elsewhere',
  form: 'no mail client keeps it',
};
const maxDepth = 50;
/** What selectors ask for, and what inlining writes. */
const searched = new Set(['class', 'id', 'style']);
/** A comment for Outlook while it is read as html, and its end. */
const forOutlook = '<!--[if]>';
const endIf = '<![endif]-->';
/** Stands where a comment for authors stood: MJML counts it, and nothing else is to be seen of it. */
export const emptyComment = '<!---->';

const isMjml = (name: string) => /^mj(ml$|-)/.test(name);
const isStructure = (name: string) => isMjml(name) && !contentElements.has(name);

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
  const complain = (position: number, message: string) => {
    if (events.note) events.note({ file, line: lineAt(source, position), message });
    else refuse(position, message);
  };
  const parent = () => stack.at(-1);
  const structural = () => {
    const top = parent();
    return top === undefined || (top.mjml && isStructure(top.name));
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
    else if (source.startsWith(endIf, at) && parent()?.name === forOutlook) {
      stack.pop();
      emit(at, at + endIf.length);
      at += endIf.length;
    } else if (source.startsWith('</', at)) closeTag();
    else if (/[a-zA-Z]/.test(source[at + 1] ?? '') && source[at] === '<') openTag();
    else if (source[at] === '<') {
      complain(at, 'a "<" in text is written &lt;');
      emit(at, at + 1);
      at++;
    } else readText();
  }
  for (const { mustache } of blocks)
    refuse(mustache.start, `${mustache.source} is not closed in this file`);
  for (const open of stack.splice(ground))
    problems.push({ file, line: open.line, message: `<${open.name}> is not closed in this file` });
  return problems;

  function readText() {
    const end = Math.min(
      ...[source.indexOf('<', at), mustaches[next]?.start ?? -1, source.length].filter(
        (position) => position >= at && position > -1,
      ),
    );
    const stop = end === at ? at + 1 : end;
    if (structural() && source.slice(at, stop).trim() !== '')
      complain(
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
        events.mustache(mustache);
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
    events.mustache(mustache);
  }

  function comment() {
    const end = source.indexOf('-->', at + 4);
    if (end < 0) {
      refuse(at, 'this comment is never closed');
      at = source.length;
      return;
    }
    const stop = end + 3;
    const opening = /^<!--(\[if\b[^>]*>|<!\[endif)/.exec(source.slice(at, at + 80))?.[0];
    const values = (mustaches[next]?.start ?? Infinity) < stop;
    if (opening !== undefined && values && !structural()) {
      // Read as the html it is to Outlook.
      stack.push({ name: forOutlook, line: lineAt(source, at), mjml: false });
      emit(at, at + opening.length);
      at += opening.length;
      return;
    }
    let open = 0;
    for (let inside = mustaches[next]; inside && inside.start < stop; inside = mustaches[++next]) {
      if (opening !== undefined) refuse(inside.start, `${inside.source} cannot stand in a comment`);
      if (inside.kind === 'open') open++;
      if (inside.kind === 'close') open--;
      if (open < 0) break;
    }
    if (open !== 0)
      refuse(
        at,
        'a condition that reaches out of this comment would not be followed; comment out all of it with {{!-- … --}}',
      );
    // Plain comments are for authors, not for recipients.
    if (opening !== undefined) emit(at, stop);
    else if (countedParents.has(parent()?.name ?? '')) place(emptyComment);
    at = stop;
  }

  function place(text: string) {
    events.text(text, lineAt(source, at), false);
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
      if (crossing(name, open)) return;
    } else {
      stack.pop();
      if (open.mjml) events.endElement(found[0]);
      else emit(at, at + found[0].length);
      at += found[0].length;
      return;
    }
    at += found[0].length;
  }

  /** True: what is open was closed for it, as browsers do; the tag is still to be read. */
  function crossing(name: string, open: OpenElement): boolean {
    complain(at, `</${name}> where <${open.name}> of line ${open.line} must be closed first`);
    const index = stack.findLastIndex((element) => element.name === name);
    const block = blocks.findLast(({ scope }) => scope === -1);
    if (events.note && !open.mjml) {
      // As it is written: html is closed by browsers, and MJML reads none of it.
      if (index >= Math.max(ground, block?.depth ?? 0)) stack.length = index + 1;
      else {
        const end = source.indexOf('>', at) + 1;
        emit(at, end);
        at = end;
      }
      return true;
    }
    if (index >= ground) stack.length = index;
    return false;
  }

  function openTag() {
    const start = at;
    const name = (match(/<([a-zA-Z][\w:-]*)/y)?.[1] ?? '').toLowerCase();
    if (name === 'mj-raw' && structural() && wrappedConditions()) return;
    if (events.note && (name === 'mj-font' || name === 'link') && leftOut(name)) return;
    const why = refusedElements[name];
    if (why !== undefined) refuse(start, `<${name}> is refused: ${why}`);
    if (structural() && parent() && !isMjml(name))
      complain(start, `MJML drops <${name}> here; put it into <mj-text>, <mj-table> or <mj-raw>`);
    const mjml = isMjml(name) && structural();
    if (isMjml(name) && !mjml)
      complain(start, `MJML does not read <${name}> within <${parent()?.name ?? ''}>`);
    const line = lineAt(source, start);
    if (mjml) events.element(name, line);
    at += name.length + 1;
    emit(start, at);
    const attributes = new Set<string>();
    for (;;) {
      const space = match(/\s*/y)?.[0].length ?? 0;
      emit(at, at + space);
      at += space;
      const inside = mustacheHere();
      const end = match(/\/?>/y);
      if (inside) aroundAttributes(inside, start);
      else if (end) {
        emit(at, at + end[0].length);
        at += end[0].length;
        closeWithin(start, `the tag of <${name}>`);
        opened({ name, line, mjml }, start, end[0] === '/>', attributes);
        return;
      } else if (at >= source.length || source[at] === '<') {
        refuse(start, `<${name} is not complete`);
        return;
      } else attribute({ name, mjml }, attributes);
    }
  }

  /** What would load something from elsewhere. */
  function leftOut(name: string): boolean {
    const tag = match(
      /<[\w-]+(?:\s+[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(?:\/>|>(?:\s*<\/mj-font\s*>)?)/y,
    )?.[0];
    if (tag === undefined || tag.includes('{{')) return false;
    events.note?.({
      file,
      line: lineAt(source, at),
      message: `<${name}> was left out: ${refusedElements[name] ?? ''}`,
    });
    at += tag.length;
    return true;
  }

  /** `<mj-raw>{{#if …}}</mj-raw>`, as conditions are written for MJML's own sake: they are read without it. */
  function wrappedConditions(): boolean {
    const opening = match(/<mj-raw\s*>\s*/y)?.[0];
    if (opening === undefined) return false;
    const found: Mustache[] = [];
    let depth = 0;
    let end = at + opening.length;
    for (let one = mustaches[next]; one?.start === end; one = mustaches[next + found.length]) {
      if (one.kind === 'value' || one.kind === 'partial') return false;
      depth += one.kind === 'open' ? 1 : one.kind === 'close' ? -1 : 0;
      found.push(one);
      end = one.end + (/^\s*/.exec(source.slice(one.end, one.end + 200))?.[0].length ?? 0);
    }
    const closing = /^<\/mj-raw\s*>/.exec(source.slice(end, end + 40))?.[0];
    const kinds = new Set(found.map(({ kind }) => kind));
    if (closing === undefined || found.length === 0 || (depth === 0 && !kinds.has('else')))
      return false;
    for (const mustache of found) {
      if (countedParents.has(parent()?.name ?? '')) place(emptyComment);
      take(mustache);
      inContent(mustache);
    }
    at = end + closing.length;
    return true;
  }

  /** A condition around whole attributes. */
  function aroundAttributes(mustache: Mustache, scope: number) {
    take(mustache);
    if (mustache.kind === 'value' || mustache.kind === 'partial')
      refuse(mustache.start, `${mustache.source} cannot stand in a tag; only within quotes`);
    else {
      if (!structural()) events.restyled(mustache);
      inTag(mustache, scope, 'tag');
    }
  }

  function closeWithin(scope: number, what: string) {
    const first = blocks.findIndex((block) => block.scope === scope);
    if (first < 0) return;
    for (const { mustache } of blocks.splice(first))
      refuse(
        mustache.start,
        `${mustache.source} is not closed within ${what}; put the condition into one attribute, class="{{#if …}}a{{else}}b{{/if}}", or around the whole element`,
      );
  }

  function opened(
    element: OpenElement,
    start: number,
    closed: boolean,
    attributes: ReadonlySet<string>,
  ) {
    const { name, mjml } = element;
    if (mjml) events.inside();
    if (closed || voidElements.has(name)) {
      if (mjml) events.endElement('');
      return;
    }
    stack.push(element);
    if (stack.length > maxDepth) {
      refuse(start, `elements are nested more than ${maxDepth} deep`);
      at = source.length;
      stack.length = ground;
    } else if (name === 'style' || name === 'mj-style') styleSheet(name, attributes);
    else if (name === 'mj-html-attribute') literalContent(name);
  }

  /** What MJML puts into an attribute of any name. */
  function literalContent(name: string) {
    const stop = source.indexOf('<', at);
    for (let i = next; (mustaches[i]?.start ?? Infinity) < stop; i += 1) {
      const mustache = mustaches[i];
      if (mustache?.kind === 'value' || mustache?.kind === 'partial')
        refuse(mustache.start, `${mustache.source} cannot stand in <${name}>; conditions may`);
    }
  }

  function styleSheet(name: string, attributes: ReadonlySet<string>) {
    const start = at;
    const close = source.toLowerCase().indexOf(`</${name}`, at);
    const stop = close < 0 ? source.length : close;
    while (at < stop) {
      const inside = mustacheHere();
      const end = Math.min(stop, mustaches[next]?.start ?? stop);
      if (!inside) {
        emit(at, end, true);
        at = end;
        continue;
      }
      take(inside);
      if (inside.kind === 'value' || inside.kind === 'partial')
        refuse(
          inside.start,
          `${inside.source} cannot stand in CSS; colours are brand tokens: [[accent]]`,
        );
      else inContent(inside);
    }
    const inlined = attributes.has('inline');
    const alone = mustaches.length === 0;
    for (const { message, harmless } of cssProblems(source.slice(start, stop), { inlined, alone }))
      (harmless ? complain : refuse)(start, message);
  }

  function attribute(tag: Pick<OpenElement, 'name' | 'mjml'>, attributes: Set<string>) {
    const start = at;
    const name = match(/[^\s=>/"'<{}]+/y)?.[0] ?? '';
    if (name === '') {
      refuse(at, `unexpected ${source[at] ?? ''} in <${tag.name}>`);
      at++;
      return;
    }
    const lower = name.toLowerCase();
    attributes.add(lower);
    if (tag.mjml) events.attribute(lower);
    at += name.length;
    readAttribute(tag.mjml, lower, start);
    if (tag.mjml) events.endAttribute();
  }

  function readAttribute(mjml: boolean, name: string, start: number) {
    const equals = match(/\s*=\s*/y)?.[0];
    if (name.startsWith('on') && !mjml) refuse(start, `${name}: mails run no scripts`);
    if (equals === undefined) {
      emit(start, at);
      return;
    }
    at += equals.length;
    const quote = source[at];
    if (quote !== '"' && quote !== "'") {
      const inside = mustacheHere();
      const message = `${name} needs quotes around its value`;
      if (inside) {
        refuse(start, message);
        take(inside);
        return;
      }
      complain(start, message);
      const from = at;
      at += match(/[^\s>]*/y)?.[0].length ?? 1;
      emit(start, at);
      checkValue({ mjml, name, written: source.slice(from, at), inside: [] }, start);
      return;
    }
    at++;
    emit(start, at);
    readValue(mjml, name, quote, start);
  }

  function readValue(mjml: boolean, name: string, quote: string, start: number) {
    const scope = start;
    const from = at;
    const inside: Mustache[] = [];
    for (;;) {
      const mustache = mustacheHere();
      if (mustache) {
        take(mustache);
        inside.push(mustache);
        inAttribute(mustache, scope);
        if (!mjml && mustache.kind === 'open' && searched.has(name)) events.restyled(mustache);
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
    closeWithin(scope, name);
    checkValue({ mjml, name, written, inside }, start);
  }

  function checkValue(value: Parameters<typeof valueProblems>[0], start: number) {
    for (const { message, harmless } of valueProblems(value))
      (harmless ? complain : refuse)(start, message);
  }

  function inAttribute(mustache: Mustache, scope: number) {
    if (mustache.kind === 'comment') return;
    if (mustache.kind === 'partial')
      refuse(mustache.start, `${mustache.source} cannot stand in an attribute`);
    else if (mustache.kind === 'value') events.mustache(mustache);
    else inTag(mustache, scope, 'attribute');
  }

  function inTag(mustache: Mustache, scope: number, where: string) {
    if (mustache.kind === 'open') blocks.push({ mustache, depth: stack.length, scope });
    else if (mustache.kind === 'comment') return;
    else if (blocks.at(-1)?.scope !== scope)
      refuse(mustache.start, `${mustache.source} closes nothing that was opened in this ${where}`);
    else if (mustache.kind === 'close') blocks.pop();
    events.mustache(mustache);
  }
}
