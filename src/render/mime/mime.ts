import { createHash } from 'node:crypto';

import { providerHeader } from '../../brand/brand.ts';
import { asComposed, type ComposedMime } from '../../contract/composed.ts';
import type { Email } from '../../contract/email.ts';
import { PermanentError } from '../../core/errors.ts';
import { cleanLine } from '../escape.ts';
import { attachmentParts } from './attachments.ts';
import { addressHeader, textHeader } from './header-text.ts';
import { encodePreEncoded } from './pre-encoded.ts';
import { encodeQuotedPrintable, quotedPrintableBound } from './quoted-printable.ts';

/** Headers a mail may carry besides those composed here, and what their values must look like. */
const allowedHeaders: Readonly<Record<string, RegExp>> = {
  'message-id': /^<[^\s<>@]+@[^\s<>@]+>$/,
  date: /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/,
  'auto-submitted': /^[\w-]+$/,
  'x-auto-response-suppress': /^[\w, -]+$/,
  'feedback-id': /./,
  'list-unsubscribe': /^<(https?|mailto):[^\s<>]+>(, ?<(https?|mailto):[^\s<>]+>)*$/,
  'list-unsubscribe-post': /^List-Unsubscribe=One-Click$/,
};

/** Mails are written one behind the other into a slab of memory, which is let go with the last of them. */
const slabBytes = 1 << 20;
let slab = Buffer.alloc(0);
let used = 0;

/**
 * The bytes of a mail: multipart/alternative of text and html, both quoted-printable UTF-8; with pictures the html and
 * they are multipart/related, and files make the whole multipart/mixed. The same mail gives the same bytes, so that a
 * second attempt is a true copy.
 * @throws PermanentError `bad-header`, `bad-address` or `bad-attachment`: nothing a template or producer said may add a
 * header or recipient
 */
export function composeMime(email: Email, messageId: string): ComposedMime {
  const boundary = boundaryOf(messageId);
  const attached = email.attachments ?? [];
  const pictures = attachmentParts(
    attached.filter(({ cid }) => cid !== undefined),
    `${boundary}r`,
  );
  const files = attachmentParts(
    attached.filter(({ cid }) => cid === undefined),
    `${boundary}m`,
  );
  const alternative = multipart('alternative', boundary);
  const head = [
    addressHeader('From', email.from),
    addressHeader('To', email.to),
    ...(email.replyTo === undefined ? [] : [addressHeader('Reply-To', { address: email.replyTo })]),
    textHeader('Subject', email.subject),
    ...email.headers.map(([name, value]) => extraHeader(name, value)),
    'MIME-Version: 1.0',
    ...(files === ''
      ? [alternative]
      : [multipart('mixed', `${boundary}m`), '', `--${boundary}m`, alternative]),
    '',
    '',
  ].join('\r\n');
  const related = `--${boundary}\r\n${multipart('related', `${boundary}r`)}\r\n\r\n`;
  const htmlHead =
    pictures === ''
      ? partHead(boundary, 'text/html')
      : related + partHead(`${boundary}r`, 'text/html');
  const tail = `\r\n${pictures}--${boundary}--\r\n${files}`;

  const text = Buffer.from(email.text);
  const html = email.preEncoded ?? Buffer.from(email.html);
  const needed = head.length + tail.length + 1000 + quotedPrintableBound(text.length);
  const write = (out: Buffer, start: number): number | null => {
    let at = start + out.write(head, start, 'latin1');
    at += out.write(partHead(boundary, 'text/plain'), at, 'latin1');
    at = encodeQuotedPrintable(text, out, at);
    at += out.write(`\r\n${htmlHead}`, at, 'latin1');
    const end =
      'written' in html
        ? encodePreEncoded(html, out.subarray(0, out.length - tail.length), at)
        : encodeQuotedPrintable(html, out, at);
    return end === null ? null : end + out.write(tail, end, 'latin1');
  };
  const htmlNeeds = 'written' in html ? html.written.length : quotedPrintableBound(html.length);
  return inSlab(needed + htmlNeeds, write);
}

/** What `write` writes, in memory that nobody else is given. It is asked again, with more room, where it says null. */
function inSlab(
  needed: number,
  write: (out: Buffer, start: number) => number | null,
): ComposedMime {
  for (let size = slabBytes; ; size *= 2) {
    if (slab.length - used >= needed) {
      const end = write(slab, used);
      if (end !== null) {
        const mime = slab.subarray(used, end);
        used = end;
        return asComposed(mime);
      }
    }
    slab = Buffer.allocUnsafeSlow(Math.max(size, needed));
    used = 0;
  }
}

const multipart = (kind: string, boundary: string) =>
  `Content-Type: multipart/${kind};\r\n boundary="${boundary}"`;

/** `=_` can't occur in quoted-printable text, so no content can end its part. */
const boundaryOf = (messageId: string) =>
  `=_${createHash('sha256').update(messageId).digest('hex').slice(0, 32)}`;

const partHead = (boundary: string, type: string) =>
  `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;

function extraHeader(name: string, value: string): string {
  const allowed = Object.hasOwn(allowedHeaders, name.toLowerCase())
    ? allowedHeaders[name.toLowerCase()]
    : // The brand's own, for its mail provider.
      providerHeader.test(name)
      ? /^[ -~]+$/
      : undefined;
  if (!allowed || !/^[A-Za-z0-9-]+$/.test(name))
    throw new PermanentError(
      'bad-header',
      `a mail may not carry the header "${cleanLine(name, 60)}"`,
    );
  const line = cleanLine(value, 900);
  const isText = name.toLowerCase() === 'feedback-id';
  if (!allowed.test(line) || (!/^[ -~]*$/.test(line) && !isText))
    throw new PermanentError('bad-header', `${name} cannot be "${cleanLine(value, 80)}"`);
  // Encoding would break these: their values are structure, not text.
  return isText ? textHeader(name, line) : `${name}: ${line}`;
}
