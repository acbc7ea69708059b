import type { Lane } from '../contract/message.ts';
import { TemporaryError } from '../core/errors.ts';
import { onAbort } from '../core/on-abort.ts';
import type { ConnectOptions } from './smtp-connect.ts';
import { openSession, type Session, StaleConnection } from './smtp-session.ts';

export type PoolOptions = ConnectOptions & {
  /** Connections at most. */
  readonly poolSize: number;
  /** Mails over one connection before it is replaced. */
  readonly maxMails: number;
  /** Milliseconds after which an unused connection is closed. */
  readonly idleTimeout: number;
};

type Waiting = {
  readonly leave: () => void;
  readonly take: (session: Session) => void;
  readonly fail: (error: Error) => void;
};

/** Connections to a mail server, each of which serves one mail at a time: transactional ones first, of each lane whichever came first. */
export class SmtpPool {
  readonly #options: PoolOptions;
  readonly #idle = new Map<Session, NodeJS.Timeout>();
  readonly #waiting: Readonly<Record<Lane, Set<Waiting>>> = {
    transactional: new Set(),
    campaign: new Set(),
  };
  #open = 0;
  #connecting = 0;
  /** After a refused extra connection, those we have must do for a while: most providers limit them. */
  #growing = true;
  #closed = false;
  /** Connections that went silent since a mail was last answered. */
  #silences = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async withSession<T>(
    signal: AbortSignal,
    use: (session: Session) => Promise<T>,
    lane: Lane = 'transactional',
  ): Promise<T> {
    if (this.#closed) throw new TemporaryError('closed', 'the SMTP transport is closed');
    for (;;) {
      const session = await this.#acquire(signal, this.#waiting[lane]);
      try {
        const used = await use(session);
        this.#silences = 0;
        return used;
      } catch (error) {
        this.#noteSilence(error);
        // Ends: each round uses up a connection that served before, and a fresh one is never stale.
        if (!(error instanceof StaleConnection)) throw error;
      } finally {
        this.#release(session);
      }
    }
  }

  /** Nobody gets a connection from now on. */
  refuse(): void {
    this.#closed = true;
  }

  /** Closes the connections that nobody has. */
  async close(): Promise<void> {
    const sessions = [...this.#idle.keys()];
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }

  /** Brings waiting mails and connections together, opening more where mails wait. */
  #match(): void {
    for (const mail of this.#inLine()) {
      // The most recently used one, so that surplus connections go idle and close.
      const session = [...this.#idle.keys()].at(-1);
      if (!session) break;
      clearTimeout(this.#idle.get(session));
      this.#idle.delete(session);
      mail.leave();
      mail.take(session);
    }
    const more = Math.min(
      this.#waiting.transactional.size + this.#waiting.campaign.size - this.#connecting,
      this.#options.poolSize - this.#open,
    );
    if (this.#growing || this.#open === 0)
      for (let count = 0; count < more; count += 1) void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#open += 1;
    this.#connecting += 1;
    let ready = false;
    const onLost = () => {
      if (!ready) return;
      this.#open -= 1;
      this.#forgetTheDead();
      this.#match();
    };
    try {
      const session = await openSession(this.#options, onLost);
      if (!session.alive)
        throw new TemporaryError('smtp-lost', 'the mail server closed a new connection');
      ready = true;
      this.#release(session);
    } catch (error) {
      this.#open -= 1;
      if (this.#open > 0) this.#pauseGrowth();
      else this.#failAll(error);
    }
    this.#connecting -= 1;
    this.#match();
  }

  #forgetTheDead(): void {
    for (const [session, timer] of this.#idle) {
      if (session.alive) continue;
      clearTimeout(timer);
      this.#idle.delete(session);
    }
  }

  #pauseGrowth(): void {
    this.#growing = false;
    setTimeout(() => {
      this.#growing = true;
      this.#match();
    }, 5000).unref();
  }

  #failAll(error: unknown): void {
    const cause =
      error instanceof Error ? error : new TemporaryError('smtp-unreachable', String(error));
    for (const mail of this.#inLine()) {
      mail.leave();
      mail.fail(cause);
    }
  }

  #release(session: Session): void {
    if (session.alive && session.served >= this.#options.maxMails) void session.close();
    else if (session.alive) {
      const timer = setTimeout(() => {
        this.#idle.delete(session);
        void session.close();
      }, this.#options.idleTimeout);
      this.#idle.set(session, timer);
    }
    this.#match();
  }

  *#inLine(): Generator<Waiting> {
    yield* this.#waiting.transactional;
    yield* this.#waiting.campaign;
  }

  #acquire(signal: AbortSignal, line: Set<Waiting>): Promise<Session> {
    return new Promise((resolve, reject) => {
      let settled: (() => void) | undefined;
      const mail: Waiting = {
        leave: () => line.delete(mail),
        take(session) {
          settled?.();
          resolve(session);
        },
        fail(error) {
          settled?.();
          reject(error);
        },
      };
      line.add(mail);
      settled = onAbort(signal, () => {
        mail.leave();
        reject(new TemporaryError('aborted', 'sending was given up before the mail went out'));
      });
      this.#match();
    });
  }

  /** As many as there may be connections, one after the other: that is nobody's mail. Those in line needn't find out for themselves. */
  #noteSilence(error: unknown): void {
    if (!(error instanceof TemporaryError) || error.code !== 'smtp-silent') return;
    this.#silences += 1;
    if (this.#silences >= this.#options.poolSize)
      this.#failAll(new TemporaryError('smtp-unreachable', 'the mail server stopped answering'));
  }
}
