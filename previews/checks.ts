import { join } from 'node:path';

import type { RenderInput } from '../src/contract/template.ts';
import { PermanentError } from '../src/core/errors.ts';
import { type ClientSupport, openClientSupport } from '../src/render/check/client-support.ts';
import type { CheckedMail } from '../src/render/check/finding.ts';
import { lookAtMail, told } from '../src/render/check/look.ts';
import { clippedBytes } from '../src/render/check/size.ts';
import { openSources } from '../src/render/check/sources.ts';
import { blockTexts } from './block-texts.ts';
import type { BlockTexts, MailChecks, MailReading } from './protocol.ts';
import { openReader } from './reader.ts';
import { titled } from './words.ts';

/** Mails a page may still ask about: each keeps what it was made by, a megabyte after every save. */
const keptMails = 16;

/** What `laurel check` looks at, for the mails that were last shown. */
export type Checks = {
  readonly keep: (hash: string, mail: () => CheckedMail, rendered: RenderInput) => void;
  /** Where in a mail its blocks are. @throws PermanentError `gone` */
  readonly blocks: (hash: string) => BlockTexts[];
  /** @throws PermanentError `gone` for a mail that is no longer kept */
  readonly look: (hash: string) => Promise<MailChecks>;
  /** What only a browser can tell. @throws PermanentError `gone` */
  readonly read: (hash: string) => Promise<MailReading>;
};

/** @param root the folder that holds `templates/` */
export function openChecks(root: string, chromiumPath: string | null): Checks {
  const mails = new Map<
    string,
    { readonly mail: () => CheckedMail; readonly rendered: RenderInput }
  >();
  const reader = openReader(chromiumPath);
  let support: Promise<ClientSupport | null> | undefined;
  const kept = (hash: string) => {
    const found = mails.get(hash);
    if (!found) throw new PermanentError('gone', 'this mail is no longer kept: show it again');
    return found;
  };
  const mailOf = (hash: string) => kept(hash).mail();
  // Read anew each time: a line may have moved though the mail is the same.
  const sources = () => openSources(join(root, 'templates'));
  return {
    keep: (hash, mail, rendered) => {
      mails.delete(hash);
      mails.set(hash, { mail, rendered });
      for (const oldest of mails.keys()) {
        if (mails.size <= keptMails) break;
        mails.delete(oldest);
      }
    },
    blocks: (hash) => {
      const { mail, rendered } = kept(hash);
      return blockTexts(rendered, mail().html);
    },
    look: async (hash) => {
      const mail = mailOf(hash);
      support ??= openClientSupport();
      const known = await support;
      return {
        findings: lookAtMail(mail, known, await sources()),
        size: {
          html: Buffer.byteLength(mail.html),
          limit: clippedBytes,
          blocks: mail.blockSizes().map(({ block, bytes }) => ({
            name: titled(block.replace(/[A-Z]/g, '-$&').toLowerCase()),
            bytes,
          })),
        },
        clients: known && clientsOf(mail, known),
        text: { lines: mail.text.split('\n').filter((line) => line.trim() !== '').length },
      };
    },
    read: async (hash) => {
      const mail = mailOf(hash);
      const found = await reader(hash, mail.html);
      return 'skipped' in found ? found : { findings: told('axe', found, mail, await sources()) };
    },
  };
}

/** Each mail program of the brand's audience, and what of this mail it doesn't know. */
const clientsOf = (mail: CheckedMail, support: ClientSupport) =>
  mail.brand.audience.map((family) => {
    const lacking = support.lacking(mail).flatMap(({ feature, clients, fix }) => {
      const where = clients.flatMap((client) =>
        client.startsWith(`${family}.`) ? [titled(client.slice(family.length + 1))] : [],
      );
      return where.length > 0 ? [{ feature, where, fix }] : [];
    });
    return { name: titled(family), lacking };
  });
