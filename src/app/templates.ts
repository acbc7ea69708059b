import type { CompiledTemplate, Rendered, View } from '../contract/template.ts';
import { loadProject, type Project } from '../project/load-project.ts';
import { loadTemplates } from '../render/load.ts';
import { filesIn } from '../render/source/template-files.ts';
import { openRenderThreads, type ThreadOptions } from '../render/thread/threads.ts';
import { loadBrands } from '../render/voice/brand-files.ts';

/**
 * A project's brands and templates, checked and compiled.
 * @param only those with a React body, which is what rendering threads need; all when left out
 * @throws TemplateError with file and line of every mistake
 */
export async function openTemplates(only?: 'react', project?: Project) {
  const { root, templates: all } = project ?? (await loadProject());
  const brands = await loadBrands(root);
  const files = filesIn(root);
  const inReact = await Promise.all(
    all.map(async (one) => {
      const names = await files.names(one.name);
      return names.includes('body.tsx') || names.includes('body.js') ? [one] : [];
    }),
  );
  const definitions = only === 'react' ? inReact.flat() : all;
  const templates = await loadTemplates({ root, definitions, brands });
  return { brands, templates };
}

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
 * @param limits `project` is the folder of the one whose templates they are; the working directory's when left out
 * @param entry the program of a thread, where it is another than Laurel's own
 */
export function containRendering(
  limits: Pick<ThreadOptions, 'deadlineMs' | 'memoryMb' | 'versions' | 'project'> & {
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
