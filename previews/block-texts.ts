import type { RenderInput } from '../src/contract/template.ts';
import { mailElements } from '../src/render/check/mail-elements.ts';
import type { BlockTexts } from './protocol.ts';

/** Longer ones are of what a block stands in. */
const longest = 160;
const mostTexts = 40;

/** By which of its texts each shown block is found in a mail: those that aren't there without it. */
export function blockTexts({ compiled, view }: RenderInput, html: string): BlockTexts[] {
  const whole = textsIn(html);
  return Object.keys(view.blocks).map((block) => {
    const { [block]: _, ...others } = view.blocks;
    const without = new Set(textsIn(compiled.render({ ...view, blocks: others }).html));
    return {
      card: `block:${block.replace(/[A-Z]/g, '-$&').toLowerCase()}`,
      texts: whole.filter((text) => !without.has(text)).slice(0, mostTexts),
    };
  });
}

const textsIn = (html: string): string[] => [
  ...new Set(
    mailElements(html).flatMap(({ text }) => (text !== '' && text.length <= longest ? [text] : [])),
  ),
];
