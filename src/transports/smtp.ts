import { TemporaryError } from '../core/errors.ts';
import { onAbort } from '../core/on-abort.ts';
import { toWire } from './dot-stuffing.ts';
import { type SmtpLimits, usualLimits } from './smtp-limits.ts';
import { openSession, type Session, StaleConnection } from './smtp-session.ts';
import { parseSmtpUrl } from './smtp-url.ts';
import { assertEnvelope, type Transport } from './transport.ts';

export type SmtpOptions = {
  /** `smtp://user:secret@mail.example.com:587?tls=required`, see parseSmtpUrl. */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize?: number;
  /** Mails over one connection before it is replaced. */
  readonly maxMails?: number;
  /** Milliseconds after which an unused connection is closed. */
  readonly idleTimeout?: number;
  /** How long the server may say nothing; `usualLimits` where left out. */
  readonly limits?: Partial<SmtpLimits>;
  /** A certificate to trust besides the system's, as PEM. */
  readonly ca?: string;
};

type Waiting = {
  readonly take: (session: Session) => void;
  readonly fail: (error: Error) => void;
};

/**
 * Sends over SMTP through a small pool of connections, each of which serves one mail at a time. First come, first served.
 * Opens nothing until the first mail. @throws Error when the URL is unusable.
 */
export function openSmtp({
  url,
  poolSize = 5,
  maxMails = 500,
  idleTimeout = 30_000,
  limits: wanted,
  ca,
}: SmtpOptions): Transport {
  const limits = { ...usualLimits, ...wanted };
  const server = parseSmtpUrl(url);
  const idle = new Map<Session, NodeJS.Timeout>();
  const waiting = new Set<Waiting>();
  const inHand = new Set<Promise<unknown>>();
  let open = 0;
  let connecting = 0;
  /** After a refused extra connection, those we have must do for a while: most providers limit them. */
  let growing = true;
  let closed = false;
  /** Connections that went silent since a mail was last answered. */
  let silences = 0;

  /** Brings waiting mails and connections together, opening more where mails wait. */
  function match(): void {
    for (const mail of waiting) {
      // The most recently used one, so that surplus connections go idle and close.
      const session = [...idle.keys()].at(-1);
      if (!session) break;
      clearTimeout(idle.get(session));
      idle.delete(session);
      waiting.delete(mail);
      mail.take(session);
    }
    const more = Math.min(waiting.size - connecting, poolSize - open);
    if (growing || open === 0) for (let count = 0; count < more; count += 1) void connect();
  }

  async function connect(): Promise<void> {
    open += 1;
    connecting += 1;
    let ready = false;
    const onLost = () => {
      if (!ready) return;
      open -= 1;
      forgetTheDead();
      match();
    };
    try {
      const session = await openSession({ server, ca, limits }, onLost);
      if (!session.alive)
        throw new TemporaryError('smtp-lost', 'the mail server closed a new connection');
      ready = true;
      release(session);
    } catch (error) {
      open -= 1;
      if (open > 0) pauseGrowth();
      else failAll(error);
    }
    connecting -= 1;
    match();
  }

  function forgetTheDead(): void {
    for (const [session, timer] of idle) {
      if (session.alive) continue;
      clearTimeout(timer);
      idle.delete(session);
    }
  }

  function pauseGrowth(): void {
    growing = false;
    setTimeout(() => {
      growing = true;
      match();
    }, 5000).unref();
  }

  function failAll(error: unknown): void {
    const cause =
      error instanceof Error ? error : new TemporaryError('smtp-unreachable', String(error));
    for (const mail of waiting) mail.fail(cause);
    waiting.clear();
  }

  function release(session: Session): void {
    if (session.alive && session.served >= maxMails) void session.close();
    else if (session.alive) {
      const timer = setTimeout(() => {
        idle.delete(session);
        void session.close();
      }, idleTimeout);
      idle.set(session, timer);
    }
    match();
  }

  function acquire(signal: AbortSignal): Promise<Session> {
    return new Promise((resolve, reject) => {
      let settled: (() => void) | undefined;
      const mail: Waiting = {
        take(session) {
          settled?.();
          resolve(session);
        },
        fail(error) {
          settled?.();
          reject(error);
        },
      };
      waiting.add(mail);
      settled = onAbort(signal, () => {
        waiting.delete(mail);
        reject(new TemporaryError('aborted', 'sending was given up before the mail went out'));
      });
      match();
    });
  }

  async function withSession<T>(
    signal: AbortSignal,
    use: (session: Session) => Promise<T>,
  ): Promise<T> {
    if (closed) throw new TemporaryError('closed', 'the SMTP transport is closed');
    for (;;) {
      const session = await acquire(signal);
      try {
        const used = await use(session);
        silences = 0;
        return used;
      } catch (error) {
        noteSilence(error);
        // Ends: each round uses up a connection that served before, and a fresh one is never stale.
        if (!(error instanceof StaleConnection)) throw error;
      } finally {
        release(session);
      }
    }
  }

  /** As many as there may be connections, one after the other: that is nobody's mail. Those in line needn't find out for themselves. */
  function noteSilence(error: unknown): void {
    if (!(error instanceof TemporaryError) || error.code !== 'smtp-silent') return;
    silences += 1;
    if (silences >= poolSize)
      failAll(new TemporaryError('smtp-unreachable', 'the mail server stopped answering'));
  }

  async function keep<T>(work: Promise<T>): Promise<T> {
    inHand.add(work);
    try {
      return await work;
    } finally {
      inHand.delete(work);
    }
  }

  return {
    name: 'smtp',
    async send({ envelope, mime, lastLook }, signal) {
      assertEnvelope(envelope);
      const wire = toWire(mime);
      const response = await keep(
        withSession(signal, async (session) => {
          // Waiting for a connection may take long.
          const looking = lastLook?.();
          if (looking) await looking;
          return session.send(envelope, wire, signal);
        }),
      );
      return { transport: 'smtp', response };
    },
    check: () =>
      keep(withSession(AbortSignal.timeout(2 * limits.connect), (session) => session.check())),
    async close() {
      closed = true;
      await Promise.allSettled(inHand);
      const sessions = [...idle.keys()];
      for (const timer of idle.values()) clearTimeout(timer);
      idle.clear();
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}
