import { workerData } from 'node:worker_threads';

import { z } from 'zod';

import { loadProject } from '../project/load-project.ts';
import { serveRendering } from '../render/thread/thread.ts';
import { openTemplates } from './templates.ts';

const Folder = z.string().nullish();

/* The program of a rendering thread; see src/render/thread/threads.ts. */
await serveRendering(async () =>
  openTemplates('react', await loadProject(Folder.parse(workerData) ?? undefined)),
);
