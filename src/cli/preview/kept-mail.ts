import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import PostalMime from 'postal-mime';

import type { Email } from '../../contract/email.ts';
import { isMissing } from '../../core/code-of.ts';
import type { MessageRecord } from '../../message/messages.ts';
import { withPictures } from '../../render/mime/with-pictures.ts';
import { fileName } from '../../transports/outbox.ts';

/** A mail as a page can show it: its pictures are in its html. */
export type ShownMail = Pick<Email, 'from' | 'subject' | 'html' | 'text'>;

export const shownMail = (email: Email): ShownMail => ({
  from: email.from,
  subject: email.subject,
  html: withPictures(email),
  text: email.text,
});

/** Reads back what was kept of a mail that went out. */
export async function readMail(bytes: Buffer): Promise<ShownMail> {
  const {
    from,
    subject = '',
    html = '',
    text = '',
    attachments,
  } = await PostalMime.parse(bytes, {
    attachmentEncoding: 'arraybuffer',
  });
  const pictures = attachments.flatMap(({ contentId, mimeType, filename, content }) =>
    contentId === undefined || typeof content === 'string'
      ? []
      : [
          {
            cid: contentId.replace(/^<|>$/g, ''),
            contentType: mimeType,
            filename: filename ?? '',
            content: new Uint8Array(content),
          },
        ],
  );
  return {
    from: { address: from?.address ?? '', name: from?.name ?? '' },
    subject,
    html: withPictures({ html, attachments: pictures }),
    text,
  };
}

/** The mail as the outbox folder has it; null where it has none. */
export async function keptBytes(
  folder: string,
  { id, transport }: MessageRecord,
): Promise<Buffer | null> {
  if (transport !== 'outbox') return null;
  try {
    return await readFile(join(folder, fileName(id)));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
