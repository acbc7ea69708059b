import { join } from 'node:path';

import { createElement, type ReactElement } from 'react';

import { templatesFolder } from '../src/app/folders.ts';
import type { View } from '../src/core/template.ts';
import type { LoadedBrand } from '../src/render/brand-files.ts';
import { layersFor, readLocales } from '../src/render/locale-files.ts';
import { loadReactBody } from '../src/render/react.ts';
import { voiceOf } from '../src/render/voice.ts';

/** The element a React template's body is rendered from, for engines other than ours. */
export async function reactElement(
  template: string,
  { brand, locales }: LoadedBrand,
  view: View,
  head: { readonly subject: string; readonly preheader: string },
): Promise<ReactElement> {
  const folder = join(templatesFolder, template);
  const layers = [
    locales,
    await readLocales(folder, template, []),
    await readLocales(join(templatesFolder, 'blocks'), 'blocks', []),
  ].flatMap((files) => layersFor(files, view.locale));
  const { messages, format, link } = voiceOf({
    locale: view.locale,
    timeZone: brand.timeZone,
    brandName: brand.name,
    programmeName: brand.programme.name,
    layers: layers.map(({ texts }) => texts),
  });
  const body = await loadReactBody(join(folder, 'body.tsx'), `${template}/body.tsx`);
  return createElement(body, { ...head, view, t: messages.text, format, link });
}
