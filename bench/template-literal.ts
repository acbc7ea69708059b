import Handlebars from 'handlebars';

import { compileWhole } from '../src/render/handlebars.ts';
import type { Voice } from '../src/render/voice.ts';

/*
 * The template literal somebody would write by hand for a template: the same texts and the same formatting, joined to one
 * string by plain JavaScript. It is generated, so that it can't drift from the template.
 */
type Literal = (context: object) => string;

/** Runs `load`, and returns beside its result every source that was compiled, in their order. */
export async function watchSources<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly sources: readonly string[] }> {
  const sources: string[] = [];
  const { parse } = Handlebars;
  Handlebars.parse = (input, options) => {
    sources.push(input);
    return parse(input, options);
  };
  try {
    return { loaded: await load(), sources };
  } finally {
    Handlebars.parse = parse;
  }
}

/** The literal among the sources' that says `expected`. @throws Error where there is none */
export function literalOf(
  sources: readonly string[],
  voice: Voice,
  context: object,
  expected: string,
): Literal {
  for (const source of new Set(sources)) {
    try {
      const literal = compileWhole(source, { voice, origins: [] });
      if (literal(context) === expected) return literal;
    } catch {
      continue; // another template's, which knows nothing of this one's data
    }
  }
  throw new Error('the template literal and the template do not agree');
}
