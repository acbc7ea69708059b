import { setImmediate } from 'node:timers/promises';

import { TemplateError, type SourceProblem } from '../src/render/source/problems.ts';
import type { Workshop } from './workshop.ts';

/**
 * Loads everything once, one thing after the other so that a browser's question may come between.
 * @throws TemplateError with every mistake there is
 */
export async function checkAll(workshop: Workshop): Promise<null> {
  const problems: SourceProblem[] = [];
  const collect = async (load: () => Promise<unknown>) => {
    await setImmediate();
    await load().catch((error: unknown) => {
      if (!(error instanceof TemplateError)) throw error;
      problems.push(...error.problems);
    });
  };
  await collect(workshop.brands);
  // Without its brands nothing can be said of a template.
  if (problems.length > 0) throw new TemplateError(problems);
  for (const brand of (await workshop.brands()).keys()) {
    await collect(() => workshop.fixtures(brand));
    for (const { name } of workshop.definitions)
      await collect(() => workshop.template(name, brand));
  }
  if (problems.length > 0) throw new TemplateError(problems);
  return null;
}
