import { join } from 'node:path';

import { loadTemplates } from '../src/render/load.ts';
import { serveRendering } from '../src/render/thread/thread.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { templates } from '../templates/index.ts';

const templatesFolder = join(import.meta.dirname, '../templates');

function definition(wanted: string) {
  const found = templates.find(({ name }) => name === wanted);
  if (!found) throw new Error(`there is no template "${wanted}"`);
  return found;
}

/* The program of a rendering thread that has compiled no template of its own, and so is ready soon: for published versions. */
await serveRendering(async () => {
  const brands = await loadBrands(templatesFolder);
  const none = await loadTemplates({ root: templatesFolder, definitions: [], brands });
  return { brands, templates: { ...none, definition } };
});
