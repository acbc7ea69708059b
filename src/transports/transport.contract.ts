import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { OutgoingMail } from '../contract/email.ts';
import type { Transport } from './transport.ts';

/** One transport under test, and what has arrived on its other side. */
export type TransportWorld = {
  readonly transport: Transport;
  /** Message ids and bytes of the mails that arrived, in any order. */
  readonly arrived: () => Promise<readonly { messageId: string; raw: Buffer }[]>;
  readonly close: () => Promise<void>;
};

export const never = new AbortController().signal;

/** A small mail to Ana with lines that begin with dots, as the bytes every transport takes. */
export function mailTo(to: string, change: { id?: string; body?: string } = {}): OutgoingMail {
  const messageId = change.id ?? randomUUID();
  const body = change.body ?? '.\r\n..two dots\r\n.one dot\r\nbye\r\n';
  return {
    messageId,
    envelope: { from: 'shop@brand.example', to },
    mime: Buffer.from(
      `Message-ID: <${messageId}@brand.example>\r\nTo: ${to}\r\nSubject: Hello\r\n\r\n${body}`,
    ),
  };
}

const sorted = (raws: readonly Buffer[]) => raws.map(String).toSorted();

/** What every transport promises. */
export function transportContract(name: string, open: () => Promise<TransportWorld>): void {
  describe(`${name} as a transport`, () => {
    let world: TransportWorld;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.close());

    it('hands over a mail byte for byte, and says who took it', async () => {
      const mail = mailTo('ana@mail.example');
      const handOver = await world.transport.send(mail, never);
      expect(handOver).toMatchObject({ transport: world.transport.name });
      expect(handOver.response).not.toBe('');
      const arrived = await world.arrived();
      expect(arrived.map(({ raw }) => raw.toString())).toEqual([mail.mime.toString()]);
    });

    it('asks once more when the mail’s turn comes, and sends nothing that may not go', async () => {
      let asked = 0;
      const may = { ...mailTo('ana@mail.example'), lastLook: () => void (asked += 1) };
      await world.transport.send(may, never);
      const changed = new Error('suppressed meanwhile');
      const lastLook = async () => {
        throw changed;
      };
      const mayNot = { ...mailTo('ben@mail.example'), lastLook };
      await expect(world.transport.send(mayNot, never)).rejects.toBe(changed);
      await world.transport.send(mailTo('cem@mail.example'), never);
      expect(asked).toBe(1);
      expect(await world.arrived()).toHaveLength(2);
    });

    it('keeps every mail apart when many go at once', async () => {
      const mails = Array.from({ length: 60 }, (_, at) =>
        mailTo(`member-${at}@mail.example`, { body: `for ${at} only\r\n`.repeat(2000) }),
      );
      await Promise.all(mails.map((mail) => world.transport.send(mail, never)));
      const arrived = await world.arrived();
      expect(sorted(arrived.map(({ raw }) => raw))).toEqual(sorted(mails.map(({ mime }) => mime)));
    });

    it('keeps CRLF, long lines and bytes beyond ASCII as they are', async () => {
      const mail = mailTo('ana@mail.example', { body: `${'é'.repeat(400)}\r\n\r\n€\r\n` });
      await world.transport.send(mail, never);
      expect((await world.arrived())[0]?.raw.equals(mail.mime)).toBe(true);
    });

    it.each([
      'ana@mail.example\r\nRCPT TO:<eve@mail.example>',
      'ana@mail.example,eve@mail.example',
      'Ana <ana@mail.example>',
      'ana@MAIL.example',
      'josé@mail.example',
      '',
    ])('refuses an envelope that is not one checked address: %j', async (to) => {
      const mail = { ...mailTo('ana@mail.example'), envelope: { from: 'shop@brand.example', to } };
      await expect(world.transport.send(mail, never)).rejects.toMatchObject({
        name: 'PermanentError',
        code: 'bad-envelope',
      });
      expect(await world.arrived()).toEqual([]);
    });

    it('refuses a sender that is not one checked address', async () => {
      const mail = {
        ...mailTo('ana@mail.example'),
        envelope: { from: 'shop@brand.example> SIZE=1\r\nRSET', to: 'ana@mail.example' },
      };
      await expect(world.transport.send(mail, never)).rejects.toMatchObject({
        code: 'bad-envelope',
      });
    });

    it.each(['a\n.\nb\r\n', 'a\r.\rb\r\n', 'a\r\n.\n', 'a\n\r\n', 'a\r'])(
      'refuses bare line breaks, which could smuggle a second mail: %j',
      async (body) => {
        await expect(
          world.transport.send(mailTo('ana@mail.example', { body }), never),
        ).rejects.toMatchObject({ name: 'PermanentError', code: 'bad-mime' });
        expect(await world.arrived()).toEqual([]);
      },
    );

    it('sends nothing once the caller has given up', async () => {
      await expect(
        world.transport.send(mailTo('ana@mail.example'), AbortSignal.abort()),
      ).rejects.toMatchObject({ name: 'TemporaryError', code: 'aborted' });
      expect(await world.arrived()).toEqual([]);
    });

    it('says that it is ready', async () => {
      await expect(world.transport.check()).resolves.toBeUndefined();
    });

    it('finishes the mails in hand before it closes', async () => {
      const sending = Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          world.transport.send(mailTo(`member-${at}@mail.example`), never),
        ),
      );
      await world.transport.close();
      expect(await sending).toHaveLength(20);
      expect(await world.arrived()).toHaveLength(20);
    });

    it('takes nothing after it was closed', async () => {
      await world.transport.close();
      await expect(world.transport.send(mailTo('ana@mail.example'), never)).rejects.toMatchObject({
        name: 'TemporaryError',
        code: 'closed',
      });
    });
  });
}
