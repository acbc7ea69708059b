import type { Brand } from '../../brand/brand.ts';
import type { Email } from '../../contract/email.ts';
import type { RenderInput, Template } from '../../contract/template.ts';
import type { CheckedMail } from './finding.ts';
import { mailElements } from './mail-elements.ts';

/** A finished mail as checks look at it. */
export const checkedMail = (
  { template, brand, locale }: { template: Template; brand: Brand; locale: string },
  { subject, preheader, html, text }: Email,
  rendered: RenderInput,
): CheckedMail => ({
  template,
  brand,
  locale,
  subject,
  preheader,
  html,
  text,
  elements: mailElements(html),
  unsubscribeUrl: rendered.view.links.unsubscribe,
  blockSizes: () => blockSizes(rendered, html),
});

/** Bytes each shown block adds, largest first: the mail with it against the mail without. */
function blockSizes({ compiled, view }: RenderInput, html: string) {
  const whole = Buffer.byteLength(html);
  return Object.keys(view.blocks)
    .map((block) => {
      const { [block]: _, ...others } = view.blocks;
      const without = Buffer.byteLength(compiled.render({ ...view, blocks: others }).html);
      return { block, bytes: whole - without };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}
