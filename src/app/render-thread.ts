import { serveRendering } from '../render/thread.ts';
import { openTemplates } from './templates.ts';

/* The program of a rendering thread; see src/render/threads.ts. */
await serveRendering(() => openTemplates('react'));
