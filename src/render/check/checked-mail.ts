import type { Brand } from '../../brand/brand.ts';
import type { Decision } from '../../contract/decision.ts';
import type { Email } from '../../contract/email.ts';
import type { RenderInput, Template } from '../../contract/template.ts';
import { camelCase } from '../../core/camel-case.ts';
import type { CheckedMail } from './finding.ts';
import { mailElements } from './mail-elements.ts';

/** A finished mail as checks look at it. */
export const checkedMail = (
  { template, brand, decision }: { template: Template; brand: Brand; decision: Decision },
  { subject, preheader, html, text, headers }: Email,
  rendered: RenderInput,
): CheckedMail => {
  const { compiled, view } = rendered;
  const promotional = decision.blocks
    .filter(({ kind, content }) => kind === 'show' && content === 'promotional')
    .map(({ block }) => block);
  return {
    template,
    brand,
    legal: view.brand.legal,
    locale: decision.basis.locale,
    subject,
    preheader,
    html,
    text,
    headers,
    elements: mailElements(html),
    sells: template.class === 'commercial' || promotional.length > 0,
    unsubscribeUrl: view.links.unsubscribe,
    blockSizes: () => blockSizes(rendered, html),
    promoted: () =>
      promotional.map((block) => {
        const { [camelCase(block)]: _, ...others } = view.blocks;
        return { block, without: compiled.render({ ...view, blocks: others }) };
      }),
    promises: promisesOf(promotional.map((block) => view.blocks[camelCase(block)])).filter(
      // What was bought may well be on offer, too.
      (words) => !JSON.stringify(view.data).toLowerCase().includes(words.toLowerCase()),
    ),
  };
};

/** The titles and codes of what is promoted, wherever a block has them. */
function promisesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && (key === 'title' || key === 'code') ? [inner] : promisesOf(inner),
  );
}

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
