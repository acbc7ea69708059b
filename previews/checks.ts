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

/** Mails at hand: each keeps what it was made by, a megabyte after every save. */
const keptMails = 8;
/** Mails that are made again when a page asks about one. */
const knownMails = 1_000;

type Kept = { readonly mail: () => CheckedMail; readonly rendered: RenderInput };

/** What `laurel check` looks at, for the mails that were last shown. */
export type Checks = {
  /** @param again makes the same mail once more, and has it kept */
  readonly keep: (hash: string, mail: Kept, again: () => Promise<unknown>) => void;
  /** Where in a mail its blocks are. @throws PermanentError `gone` */
  readonly blocks: (hash: string) => Promise<BlockTexts[]>;
  /** @throws PermanentError `gone` for a mail that was never shown, or is another one since */
  readonly look: (hash: string) => Promise<MailChecks>;
  /** What only a browser can tell. @throws PermanentError `gone` */
  readonly read: (hash: string) => Promise<MailReading>;
};

/** @param root the folder that holds `templates/` */
export function openChecks(root: string, chromiumPath: string | null): Checks {
  const mails = new Map<string, Kept>();
  const known = new Map<string, () => Promise<unknown>>();
  const reader = openReader(chromiumPath);
  let support: Promise<ClientSupport | null> | undefined;
  const kept = async (hash: string): Promise<Kept> => {
    if (!mails.has(hash)) await known.get(hash)?.();
    const found = mails.get(hash);
    if (!found)
      throw new PermanentError('gone', 'this mail is no longer what would be made: show it again');
    return found;
  };
  // Read anew each time: a line may have moved though the mail is the same.
  const sources = () => openSources(join(root, 'templates'));
  return {
    keep: (hash, mail, again) => {
      keepLast(mails, hash, mail, keptMails);
      keepLast(known, hash, again, knownMails);
    },
    blocks: async (hash) => {
      const { mail, rendered } = await kept(hash);
      return blockTexts(rendered, mail().html);
    },
    look: async (hash) => {
      const mail = (await kept(hash)).mail();
      support ??= openClientSupport();
      const clients = await support;
      return {
        findings: lookAtMail(mail, clients, await sources()),
        size: {
          html: Buffer.byteLength(mail.html),
          limit: clippedBytes,
          blocks: mail.blockSizes().map(({ block, bytes }) => ({
            name: titled(block.replace(/[A-Z]/g, '-$&').toLowerCase()),
            bytes,
          })),
        },
        clients: clients && clientsOf(mail, clients),
        text: { lines: mail.text.split('\n').filter((line) => line.trim() !== '').length },
      };
    },
    read: async (hash) => {
      const { mail: made } = await kept(hash);
      const mail = made();
      const found = await reader(hash, mail.html);
      return 'skipped' in found ? found : { findings: told('axe', found, mail, await sources()) };
    },
  };
}

function keepLast<Value>(kept: Map<string, Value>, key: string, value: Value, most: number): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.size > most ? kept.keys() : [];
  if (oldest !== undefined) kept.delete(oldest);
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
