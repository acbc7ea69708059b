import { templatesFolder } from '../src/app/folders.ts';
import { loadTemplates } from '../src/render/load.ts';
import { serveRendering } from '../src/render/thread/thread.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';

/* The program of a rendering thread without templates of its own, which is ready soon: for published versions. */
await serveRendering(async () => {
  const brands = await loadBrands(templatesFolder);
  return {
    brands,
    templates: await loadTemplates({ root: templatesFolder, definitions: [], brands }),
  };
});
