import type { RenderInput } from '../../contract/template.ts';

/** Bytes each shown block adds, largest first: the mail with it against the mail without. */
export function blockSizes({ compiled, view }: RenderInput, html: string) {
  const whole = Buffer.byteLength(html);
  return Object.keys(view.blocks)
    .map((block) => {
      const { [block]: _, ...others } = view.blocks;
      const without = Buffer.byteLength(compiled.render({ ...view, blocks: others }).html);
      return { block, bytes: whole - without };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}
