import type { OutgoingMail } from '../contract/email.ts';
import { IndeterminateError, PermanentError, TemporaryError } from '../core/errors.ts';
import { onAbort } from '../core/on-abort.ts';
import type { Wire } from './dot-stuffing.ts';
import { type ConnectOptions, connectSmtp } from './smtp-connect.ts';
import type { SmtpLimits } from './smtp-limits.ts';
import { type Line, LineLost, takeOver } from './smtp-line.ts';
import { describeReply, refusal, type Reply, type Stage } from './smtp-reply.ts';

// One connection and the mails that go over it, one after another. nodemailer connects, encrypts and logs in; the dialogue of a
// mail is ours, because only whoever writes the final dot can say what is known when the connection breaks:
//
//   idle ─▶ envelope ─▶ body ─▶ dotted ─▶ idle
//
// Lost in `envelope` or `body`: not taken, try again. Lost in `dotted`, after the dot went out and before its answer came: nobody
// knows. A caller's abort counts until DATA is answered and is ignored from there on.
type Phase = 'idle' | 'envelope' | 'body' | 'dotted';

/** A connection that served before turned out dead before it answered anything: the mail deserves a fresh one at once. */
export class StaleConnection extends TemporaryError {}

export type Session = {
  readonly alive: boolean;
  /** How often it was used, for a mail or a check. */
  readonly served: number;
  /** @returns the server's 250 reply. @throws as Transport.send, and StaleConnection */
  send(envelope: OutgoingMail['envelope'], wire: Wire, signal: AbortSignal): Promise<string>;
  /** Asks for a sign of life. @throws TemporaryError */
  check(): Promise<void>;
  /** Says QUIT and goes; never rejects. */
  close(): Promise<void>;
};

/** Opens a connection that is ready for mails; `onLost` is called once, when it is gone. @throws TemporaryError */
export async function openSession(options: ConnectOptions, onLost: () => void): Promise<Session> {
  const { limits } = options;
  const connection = await connectSmtp(options);
  // Public in spite of its name; after STARTTLS it is the encrypted one.
  const { _socket: socket } = connection;
  if (!socket) throw new TemporaryError('smtp-lost', 'the connection was closed');
  const line = takeOver(connection, socket, onLost);
  return new Dialogue(line, await readExtensions(line, connection.name, limits.command), limits);
}

class Dialogue implements Session {
  readonly #line: Line;
  readonly #extensions: ReadonlyMap<string, string>;
  readonly #limits: SmtpLimits;
  #phase: Phase = 'idle';
  #served = 0;
  /** A transaction may have been left half-way: the next one starts with RSET. */
  #dirty = false;
  /** The server has answered something of this mail. */
  #answered = false;

  constructor(line: Line, extensions: ReadonlyMap<string, string>, limits: SmtpLimits) {
    this.#line = line;
    this.#extensions = extensions;
    this.#limits = limits;
  }

  get alive(): boolean {
    return this.#line.alive;
  }

  get served(): number {
    return this.#served;
  }

  async send(envelope: OutgoingMail['envelope'], wire: Wire, signal: AbortSignal): Promise<string> {
    const limit = Number(this.#extensions.get('SIZE') ?? 0);
    if (limit > 0 && wire.size > limit)
      throw new PermanentError(
        'too-large',
        `the mail has ${wire.size} bytes, the mail server takes ${limit}`,
      );
    this.#served += 1;
    this.#phase = 'envelope';
    this.#answered = false;
    const stopListening = onAbort(signal, () => {
      if (this.#phase === 'envelope') this.#line.hangUp('sending was given up');
    });
    try {
      await this.#agree(envelope, wire);
      return await this.#deliver(wire);
    } catch (error) {
      throw error instanceof LineLost ? this.#meaningOf(error, signal) : error;
    } finally {
      this.#phase = 'idle';
      stopListening();
    }
  }

  async check(): Promise<void> {
    this.#served += 1;
    try {
      const [reply] = await this.#line.ask('NOOP\r\n', 1, this.#limits.command);
      if (reply && reply.code >= 400) throw refusal('greeting', reply);
    } catch (error) {
      if (!(error instanceof LineLost)) throw error;
      const Lost = this.#served > 1 ? StaleConnection : TemporaryError;
      throw new Lost('smtp-lost', `connection to the mail server lost: ${error.message}`);
    }
  }

  async close(): Promise<void> {
    // A server that neither answers nor hangs up must not keep us.
    await this.#line.ask('QUIT\r\n', 1, 2000).catch(() => {});
    this.#line.hangUp('said goodbye');
  }

  /** MAIL FROM, RCPT TO and DATA, in one go where the server takes it (RFC 2920): that saves two round trips. */
  async #agree({ from, to }: OutgoingMail['envelope'], wire: Wire): Promise<void> {
    const size = this.#extensions.has('SIZE') ? ` SIZE=${wire.size}` : '';
    const body = wire.eightBit && this.#extensions.has('8BITMIME') ? ' BODY=8BITMIME' : '';
    const steps: [Stage, string][] = [
      ['mail', `MAIL FROM:<${from}>${size}${body}\r\n`],
      ['recipient', `RCPT TO:<${to}>\r\n`],
      ['data', 'DATA\r\n'],
    ];
    if (this.#dirty) steps.unshift(['reset', 'RSET\r\n']);
    this.#dirty = true;
    if (!this.#extensions.has('PIPELINING')) {
      for (const [stage, command] of steps) {
        const [reply] = await this.#line.ask(command, 1, this.#limits.command);
        this.#answered = true;
        if (reply) expectAgreed(stage, reply);
      }
      return;
    }
    const replies = await this.#line.ask(
      steps.map(([, command]) => command).join(''),
      steps.length,
      this.#limits.command,
    );
    this.#answered = true;
    try {
      steps.forEach(([stage], at) => replies[at] && expectAgreed(stage, replies[at]));
    } catch (refused) {
      // DATA taken although somebody was refused: only hanging up keeps an empty mail from being sent.
      if (replies.at(-1)?.code === 354) this.#line.hangUp('DATA was accepted out of turn');
      throw refused;
    }
  }

  /** The bytes, the final dot and its answer. Only 250 means taken. */
  async #deliver({ parts }: Wire): Promise<string> {
    // On an encrypted connection the system reports a write later than it makes it, so there the attempt has to count.
    this.#phase = this.#line.encrypted ? 'dotted' : 'body';
    const [reply] = await this.#line.pour(parts, this.#limits, () => {
      if (this.#phase === 'body') this.#phase = 'dotted';
    });
    // Answered before the dot was out: what is left of the mail would be read as commands.
    if (this.#phase === 'body') this.#line.hangUp('the server answered in the middle of a mail');
    if (reply?.code === 250) {
      this.#dirty = false;
      return `250 ${reply.text}`;
    }
    if (reply && reply.code >= 400) throw refusal('end', reply);
    this.#line.hangUp('the server neither took nor refused a mail');
    throw new IndeterminateError(
      'unexpected-reply',
      `the mail server answered neither yes nor no: ${reply ? describeReply(reply) : 'nothing'}`,
    );
  }

  #meaningOf(lost: LineLost, signal: AbortSignal): Error {
    const told = `connection to the mail server lost: ${lost.message}`;
    const refused = lost.replies.find(({ code }) => code >= 400);
    if (this.#phase === 'dotted')
      return refused
        ? refusal('end', refused)
        : new IndeterminateError('answer-lost', `${told}, before it answered the mail`);
    if (this.#phase === 'envelope' && signal.aborted)
      return new TemporaryError('aborted', 'sending was given up before the mail went out');
    const fresh =
      this.#served === 1 || (lost.silent && (this.#answered || lost.replies.length > 0));
    if (this.#phase === 'envelope' && !fresh && (!refused || refused.code === 421))
      return new StaleConnection('smtp-lost', told);
    if (lost.silent && !refused) return new TemporaryError('smtp-silent', told);
    return refused ? refusal('greeting', refused) : new TemporaryError('smtp-lost', told);
  }
}

/** A second EHLO, after TLS and login, tells the extensions nodemailer keeps to itself. */
async function readExtensions(
  line: Line,
  name: string,
  limit: number,
): Promise<ReadonlyMap<string, string>> {
  try {
    const [reply] = await line.ask(`EHLO ${name}\r\n`, 1, limit);
    if (reply?.code !== 250) return new Map();
    return new Map(
      reply.lines.map((text) => {
        const [keyword = '', ...values] = text.split(' ');
        return [keyword.toUpperCase(), values.join(' ')];
      }),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const code = error instanceof LineLost && error.silent ? 'smtp-unreachable' : 'smtp-lost';
    throw new TemporaryError(code, `connection to the mail server lost: ${why}`);
  }
}

function expectAgreed(stage: Stage, reply: Reply): void {
  const agreed = stage === 'data' ? reply.code === 354 : reply.code >= 200 && reply.code < 300;
  if (!agreed) throw refusal(stage, reply);
}
