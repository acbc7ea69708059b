import type { Brand } from '../../brand/brand.ts';
import type { Email } from '../../contract/email.ts';
import type { Template } from '../../contract/template.ts';
import type { MailElement } from './mail-elements.ts';

/** `error`: fix before sending. `warning`: look at it. `fine`: what was looked at and is well, or worth knowing. */
export type Severity = 'error' | 'warning' | 'fine';

/** What one check says of one mail. */
export type Found = {
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it; empty where nothing is. */
  readonly fix: string;
  /** A piece of text that stands near its cause in a source file, such as an address. */
  readonly near?: string;
};

/** One mail as it would be sent, and what it was made for. */
export type CheckedMail = {
  readonly template: Pick<Template, 'name' | 'class' | 'lenient'>;
  readonly brand: Pick<Brand, 'id' | 'audience'>;
  /** Who sends it, as the brand was when it was published. */
  readonly legal: Brand['legal'];
  readonly locale: string;
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
  /** Laurel's own. */
  readonly headers: Email['headers'];
  readonly elements: readonly MailElement[];
  /** It is commercial, or has a block that promotes. */
  readonly sells: boolean;
  /** The address that ends mails of this kind; null where it has none. */
  readonly unsubscribeUrl: string | null;
  /** Bytes each shown block adds to the html, largest first. */
  readonly blockSizes: () => readonly { readonly block: string; readonly bytes: number }[];
  /** Each block in it that promotes, and the mail without that block. */
  readonly promoted: () => readonly {
    readonly block: string;
    readonly without: Pick<Email, 'html' | 'text'>;
  }[];
  /** Titles and codes of what it promotes. */
  readonly promises: readonly string[];
};

/** One thing a careful sender looks at in every mail. */
export type MailCheck = {
  readonly name: string;
  readonly look: (mail: CheckedMail) => readonly Found[];
};

export const error = (message: string, fix: string, near?: string): Found =>
  found('error', message, fix, near);
export const warning = (message: string, fix: string, near?: string): Found =>
  found('warning', message, fix, near);
export const fine = (message: string, fix = ''): Found => found('fine', message, fix);

const found = (severity: Severity, message: string, fix: string, near?: string): Found => ({
  severity,
  message,
  fix,
  ...(near !== undefined && near !== '' && { near }),
});
