import { domainToASCII } from 'node:url';

import PostalMime, { type Email as ParsedMail } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

import { sinkCertificate, sinkKey } from './smtp-sink-certificate.ts';

/** One mail a sink took: what the envelope said, and every byte between DATA and the dot. */
export type Received = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  /** The Message-ID header without its angle brackets; empty when there is none. */
  readonly messageId: string;
  /** Which connection it came over, counted from 1. */
  readonly connection: number;
  readonly secure: boolean;
  /** The user that logged in, if any. */
  readonly user: string | undefined;
  readonly parse: () => Promise<ParsedMail>;
};

/** What a sink does with one mail instead of taking it; `undefined` takes it. */
export type Behaviour =
  | { readonly refuse: 'recipient' | 'end'; readonly code: number; readonly text?: string }
  /** Hangs up: instead of asking for the mail, or after the dot, with the mail taken and no answer given. */
  | { readonly drop: 'before-dot' | 'after-dot' }
  /** Takes it, and says so this many milliseconds later. */
  | { readonly delay: number };

/** Asked once a mail, when its recipient is named. `nth` counts the mails to this recipient from 1, `total` those to all. */
export type Reply = (mail: {
  readonly from: string;
  readonly to: string;
  readonly nth: number;
  readonly total: number;
}) => Behaviour | undefined;

export type SinkOptions = {
  readonly port?: number;
  readonly reply?: Reply;
  /** Logins it accepts; any other is refused with 535. Without it, no login is offered. */
  readonly users?: Readonly<Record<string, string>>;
  /** `starttls` offers it, `implicit` starts with it; clients need `sinkCertificate` as their CA. */
  readonly tls?: 'starttls' | 'implicit';
  readonly pipelining?: boolean;
  /** Largest mail in bytes. */
  readonly size?: number;
};

export type SmtpSink = {
  readonly url: string;
  readonly port: number;
  /** Every mail whose dot arrived and that wasn't refused, in order; also those whose 250 was held back. */
  readonly mails: Received[];
  /** Connections opened so far, and open now. */
  readonly connections: { total: number; open: number };
  /** Changes how it behaves from the next mail on. */
  behave(reply: Reply): void;
  /** Resolves once so many mails are there. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
};

/** A real SMTP server on 127.0.0.1 that keeps what it gets and misbehaves on demand. */
export async function startSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const { users, tls } = options;
  let reply: Reply = options.reply ?? (() => undefined);
  const mails: Received[] = [];
  const connections = { total: 0, open: 0 };
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  const planned = new Map<string, Behaviour>();
  const waiting = new Set<() => void>();
  let total = 0;

  const plan = (session: SMTPServerSession, from: string, to: string) => {
    total += 1;
    const nth = (counts.get(to) ?? 0) + 1;
    counts.set(to, nth);
    const behaviour = reply({ from, to, nth, total });
    if (behaviour) planned.set(session.id, behaviour);
    else planned.delete(session.id);
    return behaviour;
  };
  const hangUp = (session: SMTPServerSession) => {
    for (const connection of server.connections)
      if (connection.session === session) Reflect.get(connection, '_socket').destroy();
  };

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: [...(users ? [] : ['AUTH']), ...(tls === 'starttls' ? [] : ['STARTTLS'])],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    secure: tls === 'implicit',
    hidePIPELINING: options.pipelining === false,
    key: sinkKey,
    cert: sinkCertificate,
    ...(options.size !== undefined && { size: options.size }),
    onConnect(session, done) {
      connections.total += 1;
      connections.open += 1;
      numbers.set(session.id, connections.total);
      done();
    },
    onClose() {
      connections.open -= 1;
    },
    onAuth({ username = '', password }, _session, done) {
      if (users && users[username] === password) done(null, { user: username });
      else done(Object.assign(new Error('5.7.8 wrong user or password'), { responseCode: 535 }));
    },
    onRcptTo({ address }, session, done) {
      const from = session.envelope.mailFrom ? asSent(session.envelope.mailFrom.address) : '';
      const behaviour = plan(session, from, asSent(address));
      if (behaviour && 'refuse' in behaviour && behaviour.refuse === 'recipient')
        done(refusal(behaviour));
      else done();
    },
    onData(stream, session, done) {
      const behaviour = planned.get(session.id);
      if (behaviour && 'drop' in behaviour && behaviour.drop === 'before-dot')
        return hangUp(session);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (behaviour && 'refuse' in behaviour && behaviour.refuse === 'end')
          return done(refusal(behaviour));
        mails.push(received(session, Buffer.concat(chunks), numbers.get(session.id) ?? 0));
        for (const look of waiting) look();
        if (behaviour && 'drop' in behaviour) return hangUp(session);
        if (behaviour && 'delay' in behaviour) setTimeout(done, behaviour.delay);
        else done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    port,
    mails,
    connections,
    behave(next) {
      reply = next;
    },
    received: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (mails.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function refusal({ code, text }: { code: number; text?: string }): Error {
  return Object.assign(new Error(text ?? 'refused on demand'), { responseCode: code });
}

function received(session: SMTPServerSession, raw: Buffer, connection: number): Received {
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom ? asSent(mailFrom.address) : '',
    to: rcptTo.map(({ address }) => asSent(address)),
    raw,
    messageId: messageIdOf(raw),
    connection,
    secure: session.secure,
    user: session.user,
    parse: () => PostalMime.parse(raw),
  };
}

/** smtp-server shows international domains in Unicode; over the wire they came in ASCII. */
function asSent(address: string): string {
  const [local = '', domain = ''] = address.split(/@(?=[^@]*$)/);
  return `${local}@${domainToASCII(domain)}`;
}

/** The Message-ID in the header of a mail, without its angle brackets; empty when there is none. */
export function messageIdOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n');
  const header = raw.toString('latin1', 0, end === -1 ? raw.length : end);
  return /^message-id:\s*<([^>]*)>/im.exec(header)?.[1] ?? '';
}
