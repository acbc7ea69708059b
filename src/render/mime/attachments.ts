import type { Attachment } from '../../contract/email.ts';
import { PermanentError } from '../../core/errors.ts';

/** What follows the first part of a multipart: each file base64 in lines of 76 characters, then the end. Empty without files. */
export function attachmentParts(files: readonly Attachment[], boundary: string): string {
  if (files.length === 0) return '';
  return `${files.map((file) => `--${boundary}\r\n${partOf(file)}\r\n`).join('')}--${boundary}--\r\n`;
}

function partOf({ filename, contentType, content, cid }: Attachment): string {
  check('filename', filename, /^[\w][\w.-]{0,99}$/);
  check('contentType', contentType, /^[a-z]+\/[\w.+-]{1,80}$/);
  if (cid !== undefined) check('cid', cid, /^[\w.-]{1,80}@[\w.-]{1,80}$/);
  const base64 = Buffer.from(content).toString('base64');
  return [
    `Content-Type: ${contentType}; name="${filename}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${cid === undefined ? 'attachment' : 'inline'}; filename="${filename}"`,
    ...(cid === undefined ? [] : [`Content-ID: <${cid}>`]),
    '',
    base64.replace(/.{76}(?=.)/g, '$&\r\n'),
  ].join('\r\n');
}

/** Names come from our own code; anything that could end a header is a mistake there. */
function check(field: string, value: string, form: RegExp): void {
  if (!form.test(value))
    throw new PermanentError(
      'bad-attachment',
      `an attachment's ${field} can't be "${value.slice(0, 80)}"`,
    );
}
