import { join } from 'node:path';

import { filesIn } from '../src/render/source/template-files.ts';
import type { LoadedBrand } from '../src/render/voice/brand-files.ts';
import { layersFor, readLocales } from '../src/render/voice/locale-files.ts';
import { type Voice, voiceOf } from '../src/render/voice/voice.ts';

const templatesFolder = join(import.meta.dirname, '../templates');

/** How a template speaks for a brand in a locale, for engines other than ours. */
export async function voiceFor(
  template: string,
  { brand, locales }: LoadedBrand,
  locale: string,
): Promise<Voice> {
  const layers = [
    locales,
    await readLocales(filesIn(templatesFolder), template, []),
    await readLocales(filesIn(templatesFolder), 'blocks', []),
  ].flatMap((files) => layersFor(files, locale));
  return voiceOf({
    locale,
    formats: locale,
    timeZone: brand.timeZone,
    brandName: brand.name,
    programmeName: brand.programme.name,
    layers: layers.map(({ texts }) => texts),
  });
}
