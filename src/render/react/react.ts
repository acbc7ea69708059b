import { pathToFileURL } from 'node:url';

import { type ComponentType, createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { TemporaryError } from '../../core/errors.ts';
import { asciiDocument } from '../escape.ts';
import { TemplateError } from '../source/problems.ts';
import { staticMarkup } from './react-markup.ts';
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

/** Bodies with something in them that only React itself renders, and what that is. */
const unfit = new WeakMap<ReactBody, string>();

/**
 * One React mail as html: what `render()` of React Email gives, without its comments, in pure ASCII. Written by
 * `staticMarkup` where that can; a body it can't write once is React's from then on.
 */
export function reactToHtml(body: ReactBody, props: TemplateProps): string {
  const element = createElement(body, props);
  if (unfit.has(body)) return asciiDocument(reactDocument(element));
  try {
    return `${doctype}${staticMarkup(element)}`;
  } catch (error) {
    if (isPromise(error)) throw notReady(error);
    // What is wrong with the template or its data is wrong for React, too, and thrown here.
    const html = asciiDocument(reactDocument(element));
    unfit.set(body, error instanceof Error ? error.message : String(error));
    return html;
  }
}

/** The same as React Email's `render()` in half the time, for mails that wait for nothing. */
export function reactDocument(element: ReactElement): string {
  const html = renderToStaticMarkup(element)
    // React preloads pictures; mail clients ignore that.
    .replace(/<link\b[^>]*>/gi, (tag) =>
      /\brel="preload"/.test(tag) && /\bas="image"/.test(tag) ? '' : tag,
    )
    .replace(/<!DOCTYPE.*?>/, '');
  return `${doctype}${html}`;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';

/** Some components (Tailwind's) set themselves up when first rendered. What they wait for is the same for every mail. */
function notReady(cause: unknown): TemporaryError {
  return new TemporaryError('template-not-ready', 'a component is still setting itself up', {
    cause,
  });
}

/** Lets components that set themselves up do so before the first mail, as far as that works without data. */
export async function warmUp(body: ReactBody): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    try {
      staticMarkup(createElement(() => Reflect.apply(body, undefined, [anything])));
      return;
    } catch (error) {
      if (!isPromise(error)) return;
      await error;
    }
  }
}

/** Props that answer whatever is asked of them: enough for most components to run to their end. */
const anything: object = new Proxy(() => undefined, {
  get: (_, name) =>
    name === Symbol.toPrimitive
      ? () => ''
      : name === Symbol.iterator
        ? () => [][Symbol.iterator]()
        : anything,
  apply: () => anything,
  ownKeys: () => ['prototype'],
});
