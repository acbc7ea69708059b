import type { Brand } from '../../brand/brand.ts';
import type { Email } from '../../contract/email.ts';
import type { Template } from '../../contract/template.ts';
import { blockSizes, type Rendered } from './block-sizes.ts';
import type { CheckedMail } from './finding.ts';
import { mailElements } from './mail-elements.ts';

/** A finished mail as checks look at it; without `rendered`, the sizes of its blocks aren't known. */
export const checkedMail = (
  { template, brand, locale }: { template: Template; brand: Brand; locale: string },
  { subject, preheader, html, text }: Email,
  rendered: Rendered | undefined,
): CheckedMail => ({
  template,
  brand,
  locale,
  subject,
  preheader,
  html,
  text,
  elements: mailElements(html),
  unsubscribeUrl: rendered?.view.links.unsubscribe ?? null,
  blockSizes: () => (rendered ? blockSizes(rendered, html) : []),
});
