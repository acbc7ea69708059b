import { TemplateError, type SourceProblem } from '../src/render/source/problems.ts';
import type { Workshop } from './workshop.ts';

/** What is wrong with one template of a brand, or with what it has for all of them. */
export async function problemsOf(
  workshop: Workshop,
  brand: string,
  template: string | null,
): Promise<readonly SourceProblem[]> {
  try {
    await (template === null ? workshop.fixtures(brand) : workshop.template(template, brand));
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
}
