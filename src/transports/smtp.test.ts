import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

import { sinkCertificate } from '../../test/smtp-sink-certificate.ts';
import { type SinkOptions, startSmtpSink } from '../../test/smtp-sink.ts';
import { startWireServer, type WireScript } from '../../test/smtp-wire.ts';
import type { Lane } from '../contract/message.ts';
import { InvalidInput } from '../core/errors.ts';
import { checkRequest } from '../message/accept.ts';
import { openSmtp, type SmtpOptions } from './smtp.ts';
import { mailTo, never } from './transport.contract.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Change = Omit<Partial<SmtpOptions>, 'url'> & { query?: string; login?: string };

function client(url: string, { query = '', login, ...options }: Change = {}) {
  const address = login === undefined ? url : url.replace('://', `://${login}@`);
  const transport = openSmtp({ url: `${address}${query}`, limits: { connect: 3000 }, ...options });
  closers.push(() => transport.close());
  return transport;
}

async function world(options: SinkOptions = {}, change?: Change) {
  const sink = await startSmtpSink(options);
  closers.push(() => sink.close());
  return { sink, smtp: client(sink.url, change) };
}

async function wire(script: WireScript, change?: Change) {
  const server = await startWireServer(script);
  closers.push(() => server.close());
  return { server, smtp: client(server.url, change) };
}

const ana = mailTo('ana@mail.example');
const answerTo = (verb: string, reply: string | null): WireScript => ({
  answer: (command) => (command.startsWith(verb) ? reply : undefined),
});

describe('a refusal', () => {
  it.each([
    ['RCPT', '550 5.1.1 user unknown', 'recipient-refused'],
    ['RCPT', '550 no such user', 'recipient-refused'],
    ['RCPT', '556 5.1.10 domain takes no mail', 'recipient-refused'],
    ['RCPT', '550 5.2.1 mailbox disabled', 'recipient-refused'],
    ['RCPT', '554 5.7.1 blocked by policy', 'smtp-554'],
    ['RCPT', '550 5.7.1 rejected as spam', 'smtp-550'],
    ['MAIL', '552 5.3.4 too big', 'smtp-552'],
    ['DATA', '554 no valid recipients', 'smtp-554'],
  ])('of %s with "%s" is final: %s', async (verb, reply, code) => {
    const { smtp } = await wire(answerTo(verb, reply));
    await expect(smtp.send(ana, never)).rejects.toMatchObject({
      name: 'PermanentError',
      code,
      message: expect.stringContaining(reply),
    });
  });

  it.each([
    ['RCPT', '451 4.7.1 greylisted', 'smtp-451'],
    ['RCPT', '452 4.2.2 full', 'smtp-452'],
    ['RCPT', '552 5.2.2 mailbox full', 'mailbox-full'],
    ['RCPT', '554 5.7.1 <address>: Relay access denied', 'relay-denied'],
    ['RCPT', '503 5.5.1 bad sequence', 'smtp-503'],
    ['RCPT', '530 5.7.0 login first', 'smtp-auth'],
    ['MAIL', '550 5.7.1 sender not allowed', 'sender-refused'],
    ['MAIL', '421 4.3.2 closing', 'smtp-421'],
    ['MAIL', '530 5.7.0 STARTTLS first', 'smtp-auth'],
    ['DATA', '451 try later', 'smtp-451'],
    ['DATA', '250 sure', 'smtp-250'],
  ])('of %s with "%s" is tried again: %s', async (verb, reply, code) => {
    const { smtp } = await wire(answerTo(verb, reply));
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'TemporaryError', code });
  });

  it.each([
    ['550 5.6.0 not this content', 'PermanentError', 'smtp-550'],
    ['452 4.3.1 no room', 'TemporaryError', 'smtp-452'],
    ['421 4.3.2 shutting down', 'TemporaryError', 'smtp-421'],
  ])('of the mail itself with "%s" is a %s', async (reply, name, code) => {
    const { smtp } = await wire({ afterDot: () => reply });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ name, code });
  });

  it('does not repeat the address, which would end in a log', async () => {
    const { smtp } = await wire(answerTo('RCPT', '550 5.1.1 <ana@mail.example>: unknown'));
    await expect(smtp.send(ana, never)).rejects.toMatchObject({
      message: 'the mail server said: 550 5.1.1 <address>: unknown',
    });
  });

  it('of one mail leaves the connection to the next', async () => {
    const { sink, smtp } = await world({
      reply: ({ to }) =>
        to.startsWith('gone') ? { refuse: 'recipient', code: 550, text: 'gone' } : undefined,
    });
    await expect(smtp.send(mailTo('gone@mail.example'), never)).rejects.toMatchObject({
      code: 'recipient-refused',
    });
    await smtp.send(ana, never);
    await expect(smtp.send(mailTo('gone2@mail.example'), never)).rejects.toThrow('gone');
    await smtp.send(mailTo('ben@mail.example'), never);
    expect(sink.mails.map(({ to }) => to)).toEqual([['ana@mail.example'], ['ben@mail.example']]);
    expect(sink.connections.total).toBe(1);
  });

  it('never lets an empty mail out when DATA is taken all the same', async () => {
    const mails: string[] = [];
    const { smtp, server } = await wire({
      answer: (command) => (command.startsWith('RCPT') ? '550 5.1.1 unknown' : undefined),
      afterDot: (mail) => {
        mails.push(String(mail));
        return undefined;
      },
    });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ code: 'recipient-refused' });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ code: 'recipient-refused' });
    expect(mails).toEqual([]);
    expect(server.connections.total).toBe(2);
  });
});

describe('only a 250 means taken', () => {
  it.each(['221 2.0.0 bye', '251 forwarded', '200 fine', '354 go on', 'gibberish'])(
    'so after "%s" nobody knows',
    async (reply) => {
      const { smtp } = await wire({ afterDot: () => reply });
      await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'IndeterminateError' });
    },
  );

  it('also when it comes in several lines and pieces', async () => {
    const { smtp } = await wire({
      afterDot: async (_mail, socket) => {
        for (const piece of ['25', '0-2.0.0 wait\r', '\n250 2.0', '.0 queued as 4711\r\n']) {
          socket.write(piece);
          await sleep(5);
        }
        return '';
      },
    });
    expect(await smtp.send(ana, never)).toEqual({
      transport: 'smtp',
      response: '250 2.0.0 wait 2.0.0 queued as 4711',
    });
  });
});

describe('a lost connection', () => {
  it('before the dot is out: not taken, tried again', async () => {
    const big = mailTo('ana@mail.example', { body: 'a long line of text\r\n'.repeat(500_000) });
    const { smtp } = await wire({ onBody: (socket) => socket.destroy() });
    await expect(smtp.send(big, never)).rejects.toMatchObject({
      name: 'TemporaryError',
      code: 'smtp-lost',
    });
  });

  it('after the dot: nobody knows, and it says so', async () => {
    const { sink, smtp } = await world({ reply: () => ({ drop: 'after-dot' }) });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({
      name: 'IndeterminateError',
      code: 'answer-lost',
    });
    expect(sink.mails).toHaveLength(1);
  });

  it('after the dot over TLS: nobody knows either', async () => {
    const { smtp } = await world(
      { tls: 'implicit', reply: () => ({ drop: 'after-dot' }) },
      { ca: sinkCertificate },
    );
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'IndeterminateError' });
  });

  it.each(['MAIL', 'RCPT', 'DATA'])('at %s: not taken, tried again', async (verb) => {
    const { smtp } = await wire(answerTo(verb, null));
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'TemporaryError' });
  });

  it('while unused goes unnoticed by the next mail', async () => {
    const { server, smtp } = await wire({
      answer: (command, socket) => {
        if (command.startsWith('MAIL')) setTimeout(() => socket.destroy(), 30);
        return undefined;
      },
    });
    await smtp.send(ana, never);
    await sleep(60);
    await smtp.send(ana, never);
    expect(server.connections.total).toBe(2);
  });

  it('at the first word of a used connection gets the mail a fresh one at once', async () => {
    const { server, smtp } = await wire({
      answer: (command) => {
        const mails = server.commands.filter((line) => line.startsWith('MAIL')).length;
        return command.startsWith('MAIL') && mails === 2 ? '421 4.7.0 enough for now' : undefined;
      },
    });
    await smtp.send(ana, never);
    await smtp.send(ana, never);
    expect(server.connections.total).toBe(2);
  });

  it('does not make a check fail when a fresh one is to be had', async () => {
    const asked = new WeakSet();
    const { server, smtp } = await wire({
      answer: (command, socket) => {
        if (command !== 'NOOP') return undefined;
        if (asked.has(socket)) return null;
        asked.add(socket);
        return undefined;
      },
    });
    await smtp.check();
    await smtp.check();
    expect(server.connections.total).toBe(2);
  });

  it('and a server that went silent after the dot is waited for, then nobody knows', async () => {
    const { smtp } = await wire({ afterDot: () => '' }, { limits: { answer: 200 } });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'IndeterminateError' });
  });
});

describe('X9: a server that goes silent is given up, in each phase with its own limit', () => {
  const limits = { connect: 2_000, command: 1_000, block: 1_000, answer: 1_000 };
  const lost = { name: 'TemporaryError', code: 'smtp-silent' };
  const away = { name: 'TemporaryError', code: 'smtp-unreachable' };

  it.each([
    ['the greeting', { greeting: null }, away],
    ['EHLO', answerTo('EHLO', ''), away],
    ['MAIL', answerTo('MAIL', ''), lost],
    ['RCPT', answerTo('RCPT', ''), lost],
    ['DATA', answerTo('DATA', ''), lost],
  ] as const)('%s', async (_phase, script, expected) => {
    for (const extensions of [['PIPELINING'], []]) {
      const { smtp } = await wire({ ...script, extensions }, { limits });
      await expect(smtp.send(ana, never)).rejects.toMatchObject(expected);
    }
  });

  it('the second EHLO, of a connection that is otherwise ready', async () => {
    let ehlos = 0;
    const { smtp } = await wire(
      { answer: (command) => (command.startsWith('EHLO') && (ehlos += 1) > 1 ? '' : undefined) },
      { limits },
    );
    await expect(smtp.send(ana, never)).rejects.toMatchObject(away);
  });

  it('a mail it stops reading', async () => {
    const big = mailTo('ana@mail.example', { body: 'a long line of text\r\n'.repeat(500_000) });
    const { smtp } = await wire({ onBody: (socket) => socket.pause() }, { limits });
    await expect(smtp.send(big, never)).rejects.toMatchObject(lost);
  });

  it('the end of a mail: nobody knows', async () => {
    const { smtp } = await wire({ afterDot: () => '' }, { limits });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ code: 'answer-lost' });
  });

  it('bytes that never become an answer are silence', async () => {
    const { smtp } = await wire(
      {
        answer: (command, socket) => {
          if (!command.startsWith('RCPT')) return undefined;
          const drip = setInterval(() => socket.write('2'), 20);
          socket.on('close', () => clearInterval(drip));
          return '';
        },
      },
      { limits },
    );
    await expect(smtp.send(ana, never)).rejects.toMatchObject(lost);
  });

  it('a kept connection that has gone silent is no mail’s fault: it gets a fresh one', async () => {
    let mails = 0;
    const { server, smtp } = await wire(
      {
        extensions: [],
        answer: (command) => (command.startsWith('MAIL') && (mails += 1) === 2 ? '' : undefined),
      },
      { limits },
    );
    await smtp.send(ana, never);
    await smtp.send(ana, never);
    expect(server.connections.total).toBe(2);
  });

  it('to everybody: those in line are told so, and needn’t find out one after the other', async () => {
    const { server, smtp } = await wire(answerTo('RCPT', ''), { limits, poolSize: 2 });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => smtp.send(ana, never)),
    );
    const codes = results.map((one) => one.status === 'rejected' && one.reason.code);
    const silent = codes.filter((code) => code === 'smtp-silent').length;
    // Both connections have one in hand. On a busy machine each may begin others before the rest are told.
    expect(silent).toBeGreaterThan(1);
    expect(silent).toBeLessThan(10);
    expect(codes.filter((code) => code === 'smtp-unreachable')).toHaveLength(20 - silent);
    // One may be opened for a mail that is then told.
    expect(server.connections.total).toBeGreaterThanOrEqual(silent);
    expect(server.connections.total).toBeLessThan(10);
  });

  it('to one recipient: the others go', async () => {
    const { smtp } = await wire(answerTo('RCPT TO:<tar@', ''), { limits, poolSize: 2 });
    const [tar, ...others] = await Promise.allSettled(
      ['tar', 'a', 'b', 'c', 'd'].map((name) => smtp.send(mailTo(`${name}@pit.example`), never)),
    );
    expect(tar).toMatchObject({ status: 'rejected', reason: lost });
    expect(others.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
  });
});

describe('a server that cannot be used', () => {
  it('refuses the connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    const smtp = client(`smtp://127.0.0.1:${port}`);
    const refused = { name: 'TemporaryError', code: 'smtp-unreachable' };
    await expect(smtp.send(ana, never)).rejects.toMatchObject(refused);
    await expect(smtp.check()).rejects.toMatchObject(refused);
  });

  it('never greets', async () => {
    const { smtp } = await wire({ greeting: null }, { limits: { connect: 200 } });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ code: 'smtp-unreachable' });
  });

  it('fails all the mails that wait for it, instead of one after another', async () => {
    const { server, smtp } = await wire(
      { greeting: null },
      { limits: { connect: 200 }, poolSize: 2 },
    );
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => smtp.send(ana, never)),
    );
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(server.connections.total).toBe(2);
  });

  it.each(['554 5.7.1 you are blocked', '421 too many connections'])(
    'greets with "%s", which is never the fault of a recipient',
    async (greeting) => {
      const { smtp } = await wire({ greeting });
      await expect(smtp.send(ana, never)).rejects.toMatchObject({
        name: 'TemporaryError',
        code: `smtp-${greeting.slice(0, 3)}`,
      });
    },
  );

  it('is no mail server at all', async () => {
    const { smtp } = await wire({ greeting: 'HTTP/1.1 400 Bad Request' });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'TemporaryError' });
  });

  it('hangs up on the second greeting, again and again, and nothing spins', async () => {
    const greeted = new WeakSet();
    const { server, smtp } = await wire({
      answer: (command, socket) => {
        if (!command.startsWith('EHLO')) return undefined;
        if (greeted.has(socket)) return null;
        greeted.add(socket);
        return undefined;
      },
    });
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => smtp.send(ana, never)),
    );
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(server.connections.total).toBeLessThan(11);
  });

  it('recovers without being asked to', async () => {
    const { sink, smtp } = await world({
      reply: ({ total }) => (total <= 3 ? { drop: 'before-dot' } : undefined),
    });
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expect(smtp.send(ana, never)).rejects.toMatchObject({ name: 'TemporaryError' });
    await smtp.send(ana, never);
    expect(sink.mails).toHaveLength(1);
  });
});

describe('encryption and login', () => {
  const users = { shop: 'p@ss:w/rd' };
  const login = `shop:${encodeURIComponent(users.shop)}`;

  it('takes STARTTLS when it is offered', async () => {
    const { sink, smtp } = await world({ tls: 'starttls' });
    await smtp.send(ana, never);
    expect(sink.mails[0]?.secure).toBe(true);
  });

  it('stays in the clear when told to', async () => {
    const { sink, smtp } = await world({ tls: 'starttls' }, { query: '?tls=off' });
    await smtp.send(ana, never);
    expect(sink.mails[0]?.secure).toBe(false);
  });

  it('sends nothing in the clear where encryption is required', async () => {
    const { sink, smtp } = await world({}, { query: '?tls=required' });
    await expect(smtp.send(ana, never)).rejects.toMatchObject({
      name: 'TemporaryError',
      code: 'smtp-tls',
    });
    expect(sink.mails).toEqual([]);
  });

  it.each(['starttls', 'implicit'] as const)(
    'accepts only a certificate it can trust (%s)',
    async (tls) => {
      const { sink, smtp } = await world(
        { tls },
        { query: tls === 'starttls' ? '?tls=required' : '' },
      );
      await expect(smtp.send(ana, never)).rejects.toMatchObject({ code: 'smtp-tls' });
      const trusting = client(sink.url, {
        ca: sinkCertificate,
        query: tls === 'starttls' ? '?tls=required' : '',
      });
      await trusting.send(ana, never);
      expect(sink.mails.map(({ secure }) => secure)).toEqual([true]);
    },
  );

  it('logs in as the URL says', async () => {
    const { sink, smtp } = await world({ users }, { login });
    await smtp.send(ana, never);
    await smtp.send(ana, never);
    expect(sink.mails.map(({ user }) => user)).toEqual(['shop', 'shop']);
  });

  it('takes a refused login for a mistake of configuration, and keeps the secret', async () => {
    const { sink, smtp } = await world({ users }, { login: 'shop:wrong-secret' });
    const error: unknown = await smtp.send(ana, never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'TemporaryError', code: 'smtp-auth' });
    expect(String(error)).not.toContain('wrong-secret');
    expect(sink.mails).toEqual([]);
  });
});

describe('giving up', () => {
  it('while the server thinks about the recipient: not sent', async () => {
    const abort = new AbortController();
    const { smtp } = await wire({
      answer: (command) => {
        if (!command.startsWith('RCPT')) return undefined;
        setImmediate(() => abort.abort());
        return '';
      },
    });
    await expect(smtp.send(ana, abort.signal)).rejects.toMatchObject({
      name: 'TemporaryError',
      code: 'aborted',
    });
  });

  it('after the dot changes nothing: the answer is awaited', async () => {
    const abort = new AbortController();
    const { sink, smtp } = await world({ reply: () => ({ delay: 150 }) });
    const sending = smtp.send(ana, abort.signal);
    await sink.received(1);
    abort.abort();
    expect(await sending).toMatchObject({ transport: 'smtp' });
  });

  it('while waiting for a connection leaves the others in their order', async () => {
    const abort = new AbortController();
    const { sink, smtp } = await world({ reply: () => ({ delay: 20 }) }, { poolSize: 1 });
    const send = (name: string, signal = never) =>
      smtp.send(mailTo(`${name}@mail.example`), signal);
    const others = [send('first')];
    const given = send('second', abort.signal);
    others.push(send('third'), send('fourth'));
    abort.abort();
    await expect(given).rejects.toMatchObject({ code: 'aborted' });
    await Promise.all(others);
    expect(sink.mails.map(({ to }) => to[0]?.split('@')[0])).toEqual(['first', 'third', 'fourth']);
  });
});

describe('the pool', () => {
  it('lets a receipt go before the mails of a campaign that wait for a connection', async () => {
    const { sink, smtp } = await world({ reply: () => ({ delay: 20 }) }, { poolSize: 1 });
    const send = (name: string, lane?: Lane) =>
      smtp.send({ ...mailTo(`${name}@mail.example`), ...(lane && { lane }) }, never);
    await send('opening');
    await Promise.all([
      send('first', 'campaign'),
      send('second', 'campaign'),
      send('third', 'campaign'),
      send('receipt', 'transactional'),
      send('notice'),
    ]);
    expect(sink.mails.map(({ to }) => to[0]?.split('@')[0])).toEqual([
      'opening',
      'first',
      'receipt',
      'notice',
      'second',
      'third',
    ]);
  });

  it('opens no more connections than it may, and uses them all', async () => {
    const { sink, smtp } = await world({ reply: () => ({ delay: 5 }) }, { poolSize: 3 });
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => smtp.send(mailTo(`m${at}@mail.example`), never)),
    );
    expect(sink.connections.total).toBe(3);
    expect(new Set(sink.mails.map(({ connection }) => connection)).size).toBe(3);
  });

  it('opens nothing before there is a mail', async () => {
    const { sink } = await world();
    await sleep(20);
    expect(sink.connections.total).toBe(0);
  });

  it('replaces a connection after its share of mails', async () => {
    const { sink, smtp } = await world({}, { poolSize: 1, maxMails: 2 });
    for (let at = 0; at < 5; at += 1) await smtp.send(mailTo(`m${at}@mail.example`), never);
    expect(sink.mails.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3]);
  });

  it('lets go of connections nobody uses, politely', async () => {
    const { server, smtp } = await wire({}, { idleTimeout: 20 });
    await smtp.send(ana, never);
    await expect.poll(() => server.connections.open).toBe(0);
    expect(server.commands.at(-1)).toBe('QUIT');
    await smtp.send(ana, never);
    expect(server.connections.total).toBe(2);
  });

  it('makes do with the connections a provider allows', async () => {
    let open = 0;
    const { server, smtp } = await wire(
      {
        onConnect: () => {
          open += 1;
          return open > 2 ? '421 4.7.0 too many connections' : undefined;
        },
      },
      { poolSize: 5 },
    );
    await Promise.all(Array.from({ length: 30 }, () => smtp.send(ana, never)));
    expect(server.commands.filter((line) => line === 'DATA')).toHaveLength(30);
    expect(server.connections.total).toBeLessThan(6);
  });

  it('says QUIT when it closes, also to a server that no longer answers', async () => {
    const { server, smtp } = await wire(answerTo('QUIT', ''));
    await smtp.send(ana, never);
    await smtp.close();
    expect(server.commands.at(-1)).toBe('QUIT');
  });
});

it('names exactly one sender and one recipient, and never asks for SMTPUTF8', async () => {
  const { server, smtp } = await wire({
    extensions: ['PIPELINING', 'SIZE 1000000', '8BITMIME', 'SMTPUTF8'],
  });
  await smtp.send(ana, never);
  expect(server.commands.slice(2)).toEqual([
    `MAIL FROM:<shop@brand.example> SIZE=${ana.mime.length}`,
    'RCPT TO:<ana@mail.example>',
    'DATA',
  ]);
});

/** The recipient of a request as accepted; null where it was refused. */
function accepted(email: string): string | null {
  try {
    return checkRequest({ template: 'receipt', to: { email } }).to.email ?? null;
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

it('delivers every accepted request to exactly the checked address, and to nobody else', async () => {
  const { server, smtp } = await wire({}, { poolSize: 1, maxMails: 10_000 });
  const odd = fc.constantFrom('@', '.', ',', '>', '\r\n', ' ', 'é', 'ü.example', '"', '+x');
  const email = fc.oneof(
    fc.emailAddress(),
    fc.tuple(fc.array(odd), fc.domain()).map(([local, at]) => `ana${local.join('')}@${at}`),
    fc.tuple(fc.domain(), fc.array(odd)).map(([at, tail]) => `ana@${at}${tail.join('')}`),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(email, async (address) => {
      const to = accepted(address);
      if (to === null) return;
      taken += 1;
      server.commands.length = 0;
      await smtp.send(mailTo(to), never);
      expect(server.commands.filter((line) => line.startsWith('RCPT'))).toEqual([
        `RCPT TO:<${to}>`,
      ]);
      expect(server.commands.at(-1)).toBe('DATA');
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(0);
});

it('declares 8-bit mail where there is any', async () => {
  const { server, smtp } = await wire({ extensions: ['8BITMIME'] });
  await smtp.send(mailTo('ana@mail.example', { body: '€\r\n' }), never);
  expect(server.commands[2]).toBe('MAIL FROM:<shop@brand.example> BODY=8BITMIME');
});

it('does not even offer a mail that is larger than the server takes', async () => {
  const { server, smtp } = await wire({ extensions: ['SIZE 100'] });
  await expect(smtp.send(ana, never)).rejects.toMatchObject({
    name: 'PermanentError',
    code: 'too-large',
  });
  expect(server.commands.filter((line) => line.startsWith('MAIL'))).toEqual([]);
});

it('loses no 250 and sends nothing twice when one answer in ten is lost', async () => {
  const { sink, smtp } = await world({
    reply: ({ total }) => (total % 10 === 0 ? { drop: 'after-dot' } : undefined),
  });
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, at) => smtp.send(mailTo(`m${at}@mail.example`), never)),
  );
  const lost = results.filter(({ status }) => status === 'rejected');
  expect(lost).toHaveLength(10);
  expect(lost).toEqual(
    lost.map(() =>
      expect.objectContaining({ reason: expect.objectContaining({ name: 'IndeterminateError' }) }),
    ),
  );
  expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(100);
  expect(sink.mails).toHaveLength(100);
});
