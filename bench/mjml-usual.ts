import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Brand } from '../src/brand/brand.ts';
import { directionOf } from '../src/brand/direction.ts';
import { brandTokens } from '../src/render/mjml/brand-tokens.ts';
import { readPartials, readPieces } from '../src/render/mjml/partials.ts';
import { filesIn } from '../src/render/source/template-files.ts';
import type { Voice } from '../src/render/voice/voice.ts';
import { slowMjml } from '../test/fixtures-render/mjml-slow.ts';

const templatesFolder = join(import.meta.dirname, '../templates');

/** What people do: Handlebars, compiled once, makes this mail's MJML, then MJML makes its html. The same html as ours. */
export async function usualMjml(template: string, brand: Brand, voice: Voice) {
  const partials = new Map([
    ...(await readPartials(filesIn(templatesFolder))),
    ...(await readPieces(filesIn(templatesFolder), template, false)),
  ]);
  const dir = directionOf(voice.locale);
  return slowMjml({
    body: {
      file: 'body.mjml',
      source: await readFile(join(templatesFolder, template, 'body.mjml'), 'utf8'),
    },
    find: (name) => partials.get(`${name}.mjml`),
    token: brandTokens(brand, dir),
    voice,
    dir,
  });
}
