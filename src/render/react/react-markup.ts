import * as React from 'react';
import type { ReactElement, ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { asciiEntities } from '../escape.ts';
import { memo } from '../memo.ts';

/*
 * Mails are trees of plain components and html elements: no state, no effects, nothing to wait for. For those, walking
 * the tree once and writing strings gives what React's own server renderer gives, several times faster. Whatever is
 * beyond that (hooks, context, class components, Suspense, forms, svg) is not imitated but refused by `Unfit`, and left
 * to React. How attributes and styles are written isn't known here either: each name is asked of React once.
 */

/** Thrown where a tree has something only React itself can render. */
export class Unfit extends Error {
  override readonly name = 'Unfit';
}

/**
 * One `<html>` tree as React's `renderToStaticMarkup` writes it, without the links that preload its pictures.
 * Pure ASCII but for what stands in `<style>`.
 * @throws Unfit, or whatever a component throws
 */
export function staticMarkup(element: ReactElement): string {
  const page: Page = {
    html: '',
    head: [],
    charset: '',
    viewport: '',
    hoisted: '',
    body: null,
    content: '',
  };
  const before = hooks.H;
  hooks.H = noHooks;
  try {
    root(element, page);
  } finally {
    hooks.H = before;
  }
  const [open = '<head>', ...rest] = page.head;
  const head = `${open}${page.charset}${page.viewport}${page.hoisted}${rest.join('')}</head>`;
  return `${page.html}${head}${page.body ?? ''}${page.content}</body></html>`;
}

type Props = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Props => typeof value === 'object' && value !== null;
/** The parts of a page in the order they are written; what React puts into the head wherever it stands. */
type Page = {
  html: string;
  /** Its start tag, and what it contains. */
  readonly head: string[];
  charset: string;
  viewport: string;
  hoisted: string;
  /** The start tag; null before it came. */
  body: string | null;
  content: string;
};

/** Where React keeps the functions behind its hooks while a component of its own renderer runs. */
const hooks: { H: unknown } = (() => {
  const internals: unknown = Reflect.get(
    React,
    '__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE',
  );
  return typeof internals === 'object' && internals !== null && 'H' in internals
    ? internals
    : { H: null };
})();
const noHooks = new Proxy(
  {},
  {
    get: () => {
      throw new Unfit('uses a hook');
    },
  },
);

const elementType = Symbol.for('react.transitional.element');
const fragmentType = Symbol.for('react.fragment');
const strictModeType = Symbol.for('react.strict_mode');
const forwardRefType = Symbol.for('react.forward_ref');
const memoType = Symbol.for('react.memo');

/** Elements whose attributes or places React treats in ways of their own. */
const unlike = new Set(
  'button form input listing link math menuitem noscript object option pre script select svg template textarea'.split(
    ' ',
  ),
);
const voids = new Set(
  'area base br col embed hr img keygen meta param source track wbr'.split(' '),
);

function root(node: unknown, page: Page): void {
  if (!isElement(node)) throw new Unfit('is not one html element');
  const { type, props } = node;
  if (type === fragmentType) root(props['children'], page);
  else if (typeof type !== 'string') root(rendered(node), page);
  else if (type === 'html') {
    page.html = `<html${attributes('html', props)}>`;
    inHtml(props['children'], page);
  } else throw new Unfit('is not one html element');
  if (page.body === null) throw new Unfit('has no body');
}

/** The head, the body, and what stands between them: React writes that into the body, in its order. */
function inHtml(node: unknown, page: Page): void {
  if (Array.isArray(node)) for (const one of node) inHtml(one, page);
  else if (!isElement(node)) page.content += markup(node, page);
  else {
    const { type, props } = node;
    if (type === fragmentType) inHtml(props['children'], page);
    else if (typeof type !== 'string') inHtml(rendered(node), page);
    else if (type === 'head' && page.head.length === 0)
      page.head.push(`<head${attributes('head', props)}>`, markup(props['children'], page));
    else if (type === 'body' && page.body === null) {
      page.body = `<body${attributes('body', props)}>`;
      page.content += markup(props['children'], page);
    } else page.content += host(type, props, page);
  }
}

type Element = { readonly type: unknown; readonly props: Props };

const isElement = (node: unknown): node is Element =>
  typeof node === 'object' && node !== null && '$$typeof' in node && node.$$typeof === elementType;

function markup(node: unknown, page: Page): string {
  if (typeof node === 'string') return escaped(node);
  if (typeof node === 'number' || typeof node === 'bigint') return String(node);
  if (typeof node === 'boolean' || node === undefined) return '';
  if (node === null) return '';
  if (Array.isArray(node)) {
    let text = '';
    for (const one of node) text += markup(one, page);
    return text;
  }
  if (!isElement(node)) throw new Unfit('has something else than elements and text');
  const { type, props } = node;
  if (typeof type === 'string') return host(type, props, page);
  if (type === fragmentType || type === strictModeType) return markup(props['children'], page);
  return markup(rendered(node), page);
}

let entered: (name: string) => void = () => {};

/** Told of every component before it runs: what a rendering thread was at when it had to be ended. */
export function watchComponents(onEnter: (name: string) => void): void {
  entered = onEnter;
}

/** What a component gives for its props. */
function rendered({ type, props }: Element): unknown {
  if (typeof type === 'function') {
    entered(type.name);
    const { prototype }: { readonly prototype?: unknown } = type;
    if (typeof prototype === 'object' && prototype !== null && 'isReactComponent' in prototype)
      throw new Unfit('has a class component');
    return Reflect.apply(type, undefined, [props, undefined]);
  }
  if (typeof type !== 'object' || type === null || !('$$typeof' in type))
    throw new Unfit('has an element of no known type');
  if (type.$$typeof === memoType && 'type' in type) return rendered({ type: type.type, props });
  if (type.$$typeof === forwardRefType && 'render' in type && typeof type.render === 'function') {
    const { ref = null, ...rest } = props;
    return Reflect.apply(type.render, undefined, ['ref' in props ? rest : props, ref]);
  }
  throw new Unfit('has an element only React can render');
}

function host(tag: string, props: Props, page: Page): string {
  if (unlike.has(tag) || tag.includes('-') || tag === 'html' || tag === 'head' || tag === 'body')
    throw new Unfit(`has a <${tag}>`);
  if (tag === 'title')
    return hoist(page, `${open(tag, props)}${only(props['children'], escaped)}</title>`, props);
  if (tag === 'style') {
    if (props['precedence'] !== undefined || props['href'] !== undefined)
      throw new Unfit('has a <style> that React would gather');
    return `${open(tag, props)}${only(props['children'], styleText)}${innerHtml(props, String)}</style>`;
  }
  if (voids.has(tag)) {
    if (props['children'] !== undefined || props['dangerouslySetInnerHTML'] !== undefined)
      throw new Unfit(`has a <${tag}> with content`);
    const whole = `<${tag}${attributes(tag, props)}/>`;
    return tag === 'meta' ? hoist(page, whole, props) : whole;
  }
  return `${open(tag, props)}${innerHtml(props)}${markup(props['children'], page)}</${tag}>`;
}

const open = (tag: string, props: Props) => `<${validTag(tag)}${attributes(tag, props)}>`;

function validTag(tag: string): string {
  if (!/^[a-zA-Z][a-zA-Z:_.\-\d]*$/.test(tag)) throw new Unfit(`has a <${tag}>`);
  return tag;
}

/** React moves these to the head, wherever they stand, in an order of its own. */
function hoist(page: Page, whole: string, props: Props): string {
  if (props['itemProp'] !== undefined && props['itemProp'] !== null) return whole;
  if (whole.startsWith('<meta') && typeof props['charSet'] === 'string') page.charset += whole;
  else if (whole.startsWith('<meta') && props['name'] === 'viewport') page.viewport += whole;
  else page.hoisted += whole;
  return '';
}

/** The one child of a <title> or <style>; several aren't written. */
function only(children: unknown, write: (text: string) => string): string {
  const child: unknown = Array.isArray(children)
    ? children.length < 2
      ? children[0]
      : null
    : children;
  if (child === null || child === undefined) return '';
  if (typeof child === 'string' || typeof child === 'number') return write(String(child));
  throw new Unfit('has something else than text in a <title> or <style>');
}

const styleText = (css: string) =>
  css.replace(
    /(<\/|<)(s)(tyle)/gi,
    (_, before: string, s: string, after: string) =>
      `${before}${s === 's' ? '\\73 ' : '\\53 '}${after}`,
  );

function innerHtml(
  { dangerouslySetInnerHTML: inner, children }: Props,
  write: (html: string) => string = asciiEntities,
): string {
  if (inner === undefined || inner === null) return '';
  if (
    typeof inner !== 'object' ||
    !('__html' in inner) ||
    (children !== undefined && children !== null)
  )
    throw new Unfit('sets inner html in a way React refuses');
  const { __html: html } = inner;
  if (html === null || html === undefined) return '';
  if (typeof html !== 'string') throw new Unfit('sets inner html that is no text');
  return write(html);
}

function attributes(tag: string, props: Props): string {
  let text = '';
  for (const name in props) {
    if (name === 'children' || name === 'dangerouslySetInnerHTML') continue;
    const value = props[name];
    if (value === null || value === undefined) continue;
    if (name === 'style') text += styleAttribute(value);
    else if (tag === 'a' && name === 'href' && value === '') text += ' href=""';
    else text += attribute(name, value);
  }
  return text;
}

/** ` name="` of attributes that are written as they are given; null of all others. */
const starts = new Map<string, string | null>();

function attribute(name: string, value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return '';
  if (typeof value !== 'string' && typeof value !== 'number') return askReact(name, value);
  let start = starts.get(name);
  if (start === undefined) {
    const [, found] = /^( [^\s"=]+=")x"$/.exec(askReact(name, 'x')) ?? [];
    starts.set(name, (start = found ?? null));
  }
  if (start === null) return askReact(name, value);
  // React looks into addresses that may be scripts, and leaves out empty ones.
  if (
    (name === 'href' || name === 'src' || name === 'xlinkHref' || name === 'action') &&
    (value === '' || /^[\0- ]*j/i.test(String(value)))
  )
    return askReact(name, value);
  return `${start}${typeof value === 'number' ? value : escaped(value)}"`;
}

/** How declarations of a style property begin, and what follows a number: whether it gets "px" is React's to know. */
type Property = { readonly start: string; readonly zero: string; readonly other: string };
const properties = new Map<string, Property>();

function styleAttribute(style: unknown): string {
  if (!isRecord(style)) throw new Unfit('has a style that is no object');
  let text = '';
  for (const name in style) {
    const value = style[name];
    if (value === null || value === undefined || typeof value === 'boolean' || value === '')
      continue;
    const { start, zero, other } = properties.get(name) ?? property(name);
    if (text !== '') text += ';';
    if (typeof value === 'string') text += start + escaped(value.trim());
    else if (typeof value === 'number') text += start + value + (value === 0 ? zero : other);
    else throw new Unfit(`has a style ${name} that is neither text nor number`);
  }
  return text === '' ? '' : ` style="${text}"`;
}

function property(name: string): Property {
  const start = declaration({ [name]: 'x' }).slice(0, -1);
  const unitOf = (value: number) => declaration({ [name]: value }).slice(start.length + 1);
  const made = { start, zero: unitOf(0), other: unitOf(7) };
  properties.set(name, made);
  return made;
}

const declaration = (style: Record<string, string | number>): string =>
  /^ style="(.*)"$/s.exec(askReact('style', style))?.[1] ?? '';

/** The attribute as React itself writes it. */
function askReact(name: string, value: unknown): string {
  const before = hooks.H;
  hooks.H = null;
  try {
    const element: ReactNode = React.createElement('area', { [name]: value });
    return renderToStaticMarkup(element).slice('<area'.length, -'/>'.length);
  } finally {
    hooks.H = before;
  }
}

const entities: Readonly<Record<string, string>> = {
  '"': '&quot;',
  '&': '&amp;',
  "'": '&#x27;',
  '<': '&lt;',
  '>': '&gt;',
};

/** Text by React's rules, and then in pure ASCII. */
const escaped = (text: string): string =>
  /["&'<>]|[^ -~\t\n\r]/.test(text) ? (text.length <= 200 ? remembered(text) : encode(text)) : text;

const encode = (text: string): string =>
  asciiEntities(text.replace(/["&'<>]/g, (character) => entities[character] ?? ''));

const remembered = memo(encode);
