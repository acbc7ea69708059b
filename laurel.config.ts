import { defineConfig } from './src/project/config.ts';
import { templates } from './templates/index.ts';

/** Laurel's own project: the templates that others build upon, and the four brands of the demo. */
export default defineConfig({ templates, brands: 'templates/brands' });
