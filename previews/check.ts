import { setTimeout } from 'node:timers/promises';

import { TemplateError, type SourceProblem } from '../src/render/source/problems.ts';
import type { Renderer } from './renderer.ts';

type Asked = Pick<Renderer, 'checkable' | 'problems' | 'isAsked'>;

/** So long after its last answer a page asks the next. */
const breathMs = 60;

/**
 * Has everything looked at once, one thing after the other, each when nobody waits for anything else: what somebody looks
 * at comes first.
 * @param stop once it is aborted nothing more is looked at: what was found is no longer so
 * @throws TemplateError with every mistake there is; Refused where brands can't be read at all
 */
export async function checkAll(renderer: Asked, stop: AbortSignal): Promise<void> {
  const problems: SourceProblem[] = [];
  const { brands, templates } = await renderer.checkable();
  for (const brand of brands)
    for (const template of [null, ...templates]) {
      do await setTimeout(breathMs / 4);
      while (renderer.isAsked(breathMs) && !stop.aborted);
      if (stop.aborted) return;
      problems.push(...(await renderer.problems(brand, template)));
    }
  if (problems.length > 0 && !stop.aborted) throw new TemplateError(problems);
}
