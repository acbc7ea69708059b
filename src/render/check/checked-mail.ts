import type { Brand } from '../../brand/brand.ts';
import type { Email } from '../../contract/email.ts';
import type { RenderInput, Template } from '../../contract/template.ts';
import { blockSizes } from './block-sizes.ts';
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
