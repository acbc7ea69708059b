import type { Email } from '../../contract/email.ts';
import { PermanentError } from '../../core/errors.ts';

/**
 * Refuses a finished mail that is larger than mails may be, and says what of it is large.
 * @param mime its bytes
 * @throws PermanentError `too-large`
 */
export function checkMailSize(
  mime: Buffer,
  email: Pick<Email, 'html' | 'text' | 'attachments'>,
  { id, template }: { readonly id: string; readonly template: string },
  mostBytes: number,
): void {
  if (mime.length <= mostBytes) return;
  const parts: (readonly [string, number])[] = [
    ['html', Buffer.byteLength(email.html)],
    ['text', Buffer.byteLength(email.text)],
    ...(email.attachments ?? []).map(({ filename, content }): [string, number] => [
      `picture or file ${filename}`,
      content.length,
    ]),
  ];
  const sizes = parts
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([name, bytes]) => `${name} ${kb(bytes)}`);
  throw new PermanentError(
    'too-large',
    `the mail of message ${id} has ${kb(mime.length)}, and mails may have ${kb(mostBytes)} (MAX_MAIL_KB): template "${template}" made ${sizes.join(', ')}; send less data or link to the rest, or shorten what is largest`,
  );
}

const kb = (bytes: number) => `${Math.ceil(bytes / 1024).toLocaleString('en')} KB`;
