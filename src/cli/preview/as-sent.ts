import type { DryRun } from '../../app/dry-run.ts';
import type { Message } from '../../contract/message.ts';
import { isVersionHash } from '../../contract/template-version.ts';
import { InvalidInput } from '../../core/errors.ts';
import { mailAgain } from '../../decision/again.ts';
import type { MessageRecord } from '../../message/messages.ts';
import { keptBytes, readMail, type ShownMail, shownMail } from './kept-mail.ts';

/** A mail as it went: its bytes where they are kept, else made again of what is kept of its decision. */
export async function asSent(
  { worker }: DryRun,
  record: MessageRecord,
  message: Message,
  outboxFolder: string,
): Promise<{ readonly mail: ShownMail | null; readonly how: string }> {
  if (record.state !== 'sent') return { mail: null, how: 'It did not go out.' };
  const bytes = await keptBytes(outboxFolder, record);
  if (bytes) return { mail: await readMail(bytes), how: 'These are the bytes that went out.' };
  const { decision, sentTo, templateVersion } = record;
  if (!decision || sentTo === null)
    return gone('what was decided and to whom it went were removed');
  try {
    const version = isVersionHash(templateVersion ?? '') ? templateVersion : null;
    const stage = await worker.stage(
      version === null ? unpinned(message) : { ...message, version },
    );
    const mail = mailAgain(message, decision, { ...stage, address: sentTo });
    if (!mail) return gone('what its blocks said was not kept');
    const rendered = await worker.render(mail, AbortSignal.timeout(renderMs));
    const { email } = mail.finish(rendered);
    const doubts = [
      ...(mail.compiled.version === templateVersion
        ? []
        : ['the templates folder is another by now']),
      ...(stage.catalogue.version === decision.basis.catalogueVersion
        ? []
        : ['the catalogue is another by now, so that offers may read differently']),
    ];
    return {
      mail: email ? shownMail(email) : null,
      how:
        doubts.length === 0
          ? 'Made again of what is kept of it: the same version, catalogue and figures as then.'
          : `Made again with the figures of then, but ${doubts.join(', and ')}.`,
    };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return gone('the data it was made from were removed, or do not fit the template any more');
  }
}

const renderMs = 20_000;

const gone = (why: string) => ({ mail: null, how: `It can’t be shown any more: ${why}.` });

export const unpinned = (message: Message): Message => {
  const { version: _version, ...rest } = message;
  return rest;
};
