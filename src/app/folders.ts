import { fileURLToPath } from 'node:url';

/** Where templates, brands and their words lie; the same place in the sources and in the build. */
export const templatesFolder = fileURLToPath(new URL('../../templates', import.meta.url));

export const brandsFolder = fileURLToPath(new URL('../../templates/brands', import.meta.url));
