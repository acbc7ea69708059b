import { pathToFileURL } from 'node:url';

import { type ComponentType, createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { asciiDocument } from './escape.ts';
import { TemplateError } from './problems.ts';
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

/** One React mail as html: what `render()` of React Email gives, without its comments, in pure ASCII. */
export const reactToHtml = (body: ReactBody, props: TemplateProps): string =>
  asciiDocument(reactDocument(createElement(body, props)));

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
