import Handlebars from 'handlebars';

import type { CompiledTemplate, View } from '../src/contract/template.ts';
import { cleanLine } from '../src/render/escape.ts';
import { compileText, compileWhole } from '../src/render/handlebars/handlebars.ts';
import { tidyText } from '../src/render/text/text-part.ts';
import type { Voice } from '../src/render/voice/voice.ts';

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

const nowhere = { origins: [], openings: [] };

type Expected = { readonly html: string; readonly text: string };

/** Literals for html and text among the sources' that say what is `expected`. @throws Error where there are none */
export const literalsOf = (
  sources: readonly string[],
  voice: Voice,
  context: object,
  { html, text }: Expected,
): { readonly html: Literal; readonly text: Literal } => ({
  html: literalOf(
    sources.map((source) => () => compileWhole(source, { voice, ...nowhere })),
    context,
    html,
  ),
  text: literalOf(
    sources.map((source) => () => {
      const literal = compileText(source, { voice, ...nowhere });
      return (seen) => tidyText(literal(seen));
    }),
    context,
    text,
  ),
});

/** Everything of one mail with the literals: what `compiled.render` makes, its html as bytes. */
export function mailByHand(
  { definition }: Pick<CompiledTemplate, 'definition'>,
  { messages }: Voice,
  literals: { readonly html: Literal; readonly text: Literal },
) {
  return (view: View) => {
    const args = { ...definition.headline({ ...view.data }), name: view.member?.firstName ?? '' };
    const subject = cleanLine(messages.text('subject', args), 255);
    const preheader = cleanLine(messages.text('preheader', args), 500);
    const linkedData = definition.linkedData?.({ ...view.data }, view.brand) ?? [];
    const context = { ...view, subject, preheader, linkedData };
    const html = Buffer.from(literals.html(context));
    return { subject, preheader, html, text: literals.text(context) };
  };
}

function literalOf(
  candidates: readonly (() => Literal)[],
  context: object,
  expected: string,
): Literal {
  for (const candidate of candidates) {
    try {
      const literal = candidate();
      if (literal(context) === expected) return literal;
    } catch {
      continue; // another template's, which knows nothing of this one's data
    }
  }
  throw new Error('the template literal and the template do not agree');
}
