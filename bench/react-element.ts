import { join } from 'node:path';

import { createElement, type ReactElement } from 'react';

import type { View } from '../src/contract/template.ts';
import { loadReactBody } from '../src/render/react/react.ts';
import type { Voice } from '../src/render/voice/voice.ts';

const templatesFolder = join(import.meta.dirname, '../templates');

/** The element a React template's body is rendered from, for engines other than ours. */
export async function reactElement(
  template: string,
  { messages, format, link }: Voice,
  view: View,
  head: { readonly subject: string; readonly preheader: string },
): Promise<ReactElement> {
  const file = join(templatesFolder, template, 'body.tsx');
  const body = await loadReactBody(file, `${template}/body.tsx`);
  return createElement(body, {
    ...head,
    linkedData: [],
    view,
    t: messages.text,
    format,
    link,
    picture: () => '',
  });
}
