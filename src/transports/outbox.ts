import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { TemporaryError } from '../core/errors.ts';
import { toWire } from './dot-stuffing.ts';
import { assertEnvelope, type Transport } from './transport.ts';

/**
 * Writes every mail as an .eml file that any mail program opens, instead of sending it. A file appears whole or not at all, is
 * on disk when the hand-over resolves, and is the same file however often the same message is handed over.
 */
export function openOutbox({ folder }: { readonly folder: string }): Transport {
  let attempt = 0;
  let closed = false;
  const inHand = new Set<Promise<void>>();
  const trouble = (error: unknown) =>
    new TemporaryError(
      'outbox-unwritable',
      `can't write to the outbox folder ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );

  async function write(name: string, bytes: Buffer): Promise<void> {
    attempt += 1;
    const temporary = join(folder, `.${process.pid}-${attempt}.tmp`);
    try {
      await mkdir(folder, { recursive: true });
      await writeThrough(temporary, bytes);
      await rename(temporary, join(folder, name));
      await syncFolder(folder);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw trouble(error);
    }
  }

  return {
    name: 'outbox',
    async send({ messageId, envelope, mime, lastLook }, signal) {
      if (closed) throw new TemporaryError('closed', 'the outbox is closed');
      assertEnvelope(envelope);
      // Refuses what SMTP would refuse, so that trying out with a folder finds the same faults.
      toWire(mime);
      if (signal.aborted)
        throw new TemporaryError('aborted', 'sending was given up before the mail went out');
      await lastLook?.();
      const name = fileName(messageId);
      const work = write(name, mime);
      inHand.add(work);
      try {
        await work;
      } finally {
        inHand.delete(work);
      }
      return { transport: 'outbox', response: `written to ${name}` };
    },
    async check() {
      try {
        await mkdir(folder, { recursive: true });
        await access(folder, constants.W_OK);
      } catch (error) {
        throw trouble(error);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(inHand);
    },
  };
}

/**
 * The message's own file: `2026-01-01T12-00-00.000Z-<id>.eml` where the id is a UUID of version 7, which carries its time, so
 * that a folder reads in order of acceptance; else `<id>.eml`. Different ids never share a name, whatever the file system
 * makes of case and odd characters.
 */
export function fileName(messageId: string): string {
  const id = messageId.replace(/^<|>$/g, '').split('@')[0] ?? '';
  const time = /^([\da-f]{8})-([\da-f]{4})-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/.exec(id);
  const stamp = time ? `${isoOf(parseInt(`${time[1]}${time[2]}`, 16))}-` : '';
  const plain = id.replace(/[^a-z0-9_-]+/gi, '-').slice(0, 80);
  const same = plain === messageId && plain === plain.toLowerCase() && plain !== '';
  const hash = createHash('sha256').update(messageId).digest('hex').slice(0, 16);
  return `${stamp}${same ? plain : `${plain}-${hash}`}.eml`;
}

const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString().replaceAll(':', '-');

async function writeThrough(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The rename itself is on disk only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
