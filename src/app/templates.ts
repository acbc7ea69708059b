import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { templates as registry } from '../../templates/index.ts';
import type { CompiledTemplate, Rendered, View } from '../contract/template.ts';
import { loadTemplates } from '../render/load.ts';
import { openRenderThreads, type ThreadOptions } from '../render/thread/threads.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { templatesFolder } from './folders.ts';

/**
 * Brands and templates, checked and compiled.
 * @param only those with a React body, which is what rendering threads need; all when left out
 * @throws TemplateError with file and line of every mistake
 */
export async function openTemplates(only?: 'react') {
  const brands = await loadBrands(templatesFolder);
  const definitions = only === 'react' ? registry.filter(({ name }) => isReact(name)) : registry;
  const templates = await loadTemplates({ root: templatesFolder, definitions, brands });
  return { brands, templates };
}

const isReact = (name: string) =>
  ['body.tsx', 'body.js'].some((file) => existsSync(join(templatesFolder, name, file)));

/** Renders a mail where it can do no harm. */
export type ContainedRendering = {
  /** @param signal gives it up: a mail in a thread is handed back */
  readonly render: (
    compiled: CompiledTemplate,
    view: View,
    signal: AbortSignal,
  ) => Promise<Rendered>;
  readonly close: () => Promise<void>;
};

/**
 * What is a program of somebody's (React) is rendered in threads. The rest stays in this one: what MJML and Handlebars come
 * down to is our own code, without loops but those over the data, whose size is limited when it is accepted.
 * @param entry the program of a thread, where it is another than Laurel's own
 */
export function containRendering(
  limits: Pick<ThreadOptions, 'deadlineMs' | 'memoryMb' | 'versions'> & {
    readonly threads: number;
  },
  entry = new URL(`./render-thread.${import.meta.url.slice(-2)}`, import.meta.url),
): ContainedRendering {
  const pool = openRenderThreads({ ...limits, size: limits.threads, entry });
  return {
    render: async (compiled, { brand, ...view }, signal) =>
      compiled.engine !== 'react'
        ? compiled.render({ brand, ...view })
        : pool.render(
            {
              template: compiled.definition.name,
              brand: brand.id,
              locale: compiled.locale,
              version: compiled.version,
              view,
            },
            signal,
            compiled.published?.files,
          ),
    close: pool.close,
  };
}
