import { serveRendering } from '../src/render/thread/thread.ts';
import { openHostileTemplates } from './hostile-templates.ts';

/* The program of a rendering thread with a template that means harm. */
await serveRendering(() => openHostileTemplates('react'));
