import { plainOfHtml } from '../text/plain-text.ts';
import { type MailShape, placeholderPattern, shapeOf } from './mail-shape.ts';

/** Shapes of one template that are kept: lists of different lengths, things that are there or not. */
const mostShapes = 50;

/** A text with words to be put in: a text, then what each number stands for and the text after it. */
type Plan = { readonly first: string; readonly rest: readonly (readonly [number, string])[] };

/**
 * Makes the plain text of finished mails as `plainOfHtml` does, which is asked once for each shape of mail:
 * words and addresses are put where it put their placeholders. What has no shape of its own is given to it whole, and so is a
 * shape whose first mail comes out differently.
 */
export function plainByShape(): (html: string) => string {
  const plans = new Map<string, Plan | null>();
  return (html) => {
    const shape = shapeOf(html);
    if (!shape) return plainOfHtml(html);
    const known = plans.get(shape.skeleton);
    if (known) return filled(known, shape.words);
    const text = plainOfHtml(html);
    if (known === null) return text;
    if (plans.size >= mostShapes) plans.clear();
    const plan = planOf(shape);
    plans.set(shape.skeleton, filled(plan, shape.words) === text ? plan : null);
    return text;
  };
}

function planOf({ skeleton }: MailShape): Plan {
  const [first = '', ...parts] = plainOfHtml(skeleton).split(placeholderPattern);
  const rest: [number, string][] = [];
  for (let at = 0; at < parts.length; at += 2) rest.push([Number(parts[at]), parts[at + 1] ?? '']);
  return { first, rest };
}

function filled({ first, rest }: Plan, words: readonly string[]): string {
  let text = first;
  for (const [index, after] of rest) {
    text += (words[index] ?? '') + after;
  }
  return text;
}
