import { serveRendering } from '../render/thread/thread.ts';
import { openTemplates } from './templates.ts';

/* The program of a rendering thread; see src/render/thread/threads.ts. */
await serveRendering(() => openTemplates('react'));
