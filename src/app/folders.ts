import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Engine } from '../render/version/bundle.ts';

/** Where templates, brands and their words lie; the same place in the sources and in the build. */
export const templatesFolder = fileURLToPath(new URL('../../templates', import.meta.url));

export const brandsFolder = fileURLToPath(new URL('../../templates/brands', import.meta.url));

/** Laurel's own code and its packages, as published versions run with them. */
export const engine: Engine = {
  src: fileURLToPath(new URL('..', import.meta.url)),
  packages: dirname(dirname(createRequire(import.meta.url).resolve('react/package.json'))),
};
