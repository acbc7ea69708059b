import { pathToFileURL } from 'node:url';

import { type ComponentType, createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
// The one for Node keeps Node's async hooks on for good, which makes every promise of a process dearer.
import { prerender } from 'react-dom/static.edge';

import { PermanentError } from '../../core/errors.ts';
import { anything, nothing } from '../anything.ts';
import { asciiDocument } from '../escape.ts';
import { TemplateError } from '../source/problems.ts';
import type { TemplateProps } from './template-props.ts';

export type ReactBody = ComponentType<TemplateProps>;

const doctype =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';

/**
 * Loads a template's component. `version` makes Node load changed files anew: it is part of the module's address.
 * @throws TemplateError when the file can't be loaded or has no component as its default export
 */
export async function loadReactBody(path: string, file: string, version = ''): Promise<ReactBody> {
  const address = `${pathToFileURL(path).href}${version === '' ? '' : `?v=${version}`}`;
  // So that a stack tells the author's own file and line.
  process.setSourceMapsEnabled(true);
  let loaded: unknown;
  try {
    loaded = await import(/* @vite-ignore */ address);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TemplateError([{ file, message: `cannot be loaded: ${message}` }]);
  }
  const body =
    typeof loaded === 'object' && loaded !== null && 'default' in loaded
      ? loaded.default
      : undefined;
  if (isComponent(body)) return body;
  throw new TemplateError([{ file, message: 'needs a component as its default export' }]);
}

const isComponent = (value: unknown): value is ReactBody => typeof value === 'function';

/**
 * One React mail as html: what `render()` of React Email gives, without its comments, in pure ASCII.
 * @throws Suspended where a part waits for something, or whatever a component throws
 */
export const reactToHtml = (body: ReactBody, props: TemplateProps, file: string): string =>
  asciiDocument(reactDocument(createElement(body, props), file));

/**
 * Part of a mail waited for something when it was written, or failed within a `<Suspense>`: what stands there instead is
 * never mailed.
 */
export class Suspended extends PermanentError {
  /** Resolves when what was waited for has come, or failed: a component that sets itself up is ready then. */
  readonly settled: () => Promise<void>;

  constructor(element: ReactElement, file: string) {
    super(
      'template-waits',
      `${file}: a component waits for something (an async component, use(), lazy()) or fails within <Suspense>; what a mail says is in its data before it is rendered`,
    );
    this.settled = () => settle(element);
  }
}

/** React writes these around what it might bring to life in a browser. */
const marks = /<!--(?:\/?[$&]| |html|head|body)-->/g;
/** What stands before a fallback. */
const fallback = /<!--\$[!?~]/;

/** A React mail before it is made ASCII. @throws Suspended */
export function reactDocument(element: ReactElement, file: string): string {
  const written = writtenBy(element, file);
  if (fallback.test(written)) throw new Suspended(element, file);
  const html = written
    .replace(marks, '')
    // React preloads pictures; mail clients ignore that.
    .replace(/<link\b[^>]*>/gi, (tag) =>
      /\brel="preload"/.test(tag) && /\bas="image"/.test(tag) ? '' : tag,
    )
    .replace(/<!DOCTYPE.*?>/, '');
  return `${doctype}${html}`;
}

/** `renderToStaticMarkup` would not say where it wrote a fallback. */
function writtenBy(element: ReactElement, file: string): string {
  try {
    return renderToString(element);
  } catch (error) {
    const waits = error instanceof Error && error.message.startsWith('A component suspended');
    throw waits ? new Suspended(element, file) : error;
  }
}

const longestWaitMs = 5_000;
/** What goes wrong here goes wrong again, and is told, when the mail is written. */
const toldLater = () => undefined;

async function settle(element: ReactElement): Promise<void> {
  const late = new AbortController();
  // Unlike AbortSignal's own, it keeps a process alive that has nothing else to do.
  const timer = setTimeout(() => late.abort(), longestWaitMs);
  try {
    await prerender(element, { onError: toldLater, signal: late.signal });
  } catch {
    return;
  } finally {
    clearTimeout(timer);
  }
}

/** Lets components that set themselves up (Tailwind's) do so before the first mail, as far as that works without data. */
export const warmUp = (body: ReactBody): Promise<void> =>
  settle(createElement(() => Reflect.apply(body, undefined, [anyProps])));

const callable: object = new Proxy(nothing, { get: () => nothing });
const anyProps = {
  view: anything,
  subject: '',
  preheader: '',
  linkedData: [],
  t: nothing,
  format: callable,
  link: () => 'https://made-up.example/',
  picture: () => 'cid:made-up',
};
