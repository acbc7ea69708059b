import { PermanentError, RecipientRefused, TemporaryError } from '../core/errors.ts';

/** One complete answer of a server; `text` is its lines, without the code, joined by a space. */
export type Reply = {
  readonly code: number;
  /** The enhanced status code (RFC 3463) such as `5.1.1`, where there is one. */
  readonly enhanced: string | null;
  readonly lines: readonly string[];
  readonly text: string;
};

/** Where in the dialogue a server said no. */
export type Stage = 'greeting' | 'reset' | 'mail' | 'recipient' | 'data' | 'end';

/** Far more than any real answer; only stops a server that never completes one. */
const LONGEST_REPLY = 64 * 1024;

/** Puts replies together from the pieces they arrive in. `onReply` gets null for bytes that are no SMTP reply. */
export function replyReader(onReply: (reply: Reply | null) => void): (chunk: Buffer) => void {
  let rest = '';
  let lines: string[] = [];
  return (chunk) => {
    rest += chunk.toString('latin1');
    if (rest.length > LONGEST_REPLY || lines.length > 1000) return onReply(null);
    let start = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      const line = rest.slice(start, end).trimEnd();
      start = end + 1;
      lines.push(line);
      if (/^\d{3}-/.test(line)) continue;
      const complete = lines;
      lines = [];
      onReply(parseReply(complete));
    }
    rest = rest.slice(start);
  };
}

/** A reply nodemailer already put together, its lines apart by line feeds. */
export const parseReplyText = (text: string): Reply | null =>
  parseReply(text.split('\n').map((line) => line.trimEnd()));

function parseReply(lines: readonly string[]): Reply | null {
  const code = /^[2-5]\d\d(?= |$)/.exec(lines.at(-1) ?? '')?.[0];
  if (code === undefined || lines.some((line) => !line.startsWith(code))) return null;
  const texts = lines.map((line) => line.slice(4));
  const text = texts.join(' ');
  const enhanced = /^[245]\.\d{1,3}\.\d{1,3}(?=\s|$)/.exec(text)?.[0] ?? null;
  return { code: Number(code), enhanced, lines: texts, text };
}

/** The reply as stored and logged: addresses in it are left out, since servers like to repeat the recipient's. */
export function describeReply({ code, text }: Reply): string {
  return `${code} ${text.replace(/[^\s<>@:]+@[^\s<>@:,;]+/g, 'address')}`.slice(0, 500);
}

/** Addressing codes that speak of the recipient (RFC 3463 3.2, RFC 7505), and the disabled mailbox. */
const deadMailbox = /^5\.(1\.(0|1|2|3|6|9|10)|2\.1)$/;

/** A refusal that says nothing of a mail: of the connection, the login, the order of commands. */
export function sessionRefusal(reply: Reply): TemporaryError {
  const { code } = reply;
  const isLogin = code === 530 || code === 535 || code === 538;
  return new TemporaryError(isLogin ? 'smtp-auth' : `smtp-${code}`, saidIn(reply));
}

const saidIn = (reply: Reply) => `the mail server said: ${describeReply(reply)}`;

/**
 * What a refusal means for the mail. Only an answer about this mail or its recipient is final; what a fix of the
 * configuration or some waiting would change (login, sender, relaying, a full mailbox) is temporary.
 */
export function refusal(stage: Stage, reply: Reply): PermanentError | TemporaryError {
  const { code, enhanced } = reply;
  const said = saidIn(reply);
  // 503 is about the order of commands: the session is confused, not the mail wrong.
  if (
    code < 500 ||
    [503, 530, 535, 538].includes(code) ||
    stage === 'greeting' ||
    stage === 'reset'
  )
    return sessionRefusal(reply);
  if (stage === 'mail' && code !== 552) return new TemporaryError('sender-refused', said);
  if (
    /relay(ing)? (access )?(is )?(denied|not)|unable to relay|not allowed to relay/i.test(
      reply.text,
    )
  )
    return new TemporaryError('relay-denied', said);
  if (stage === 'recipient') {
    if (enhanced === '5.2.2') return new TemporaryError('mailbox-full', said);
    const dead = enhanced === null ? [550, 551, 553].includes(code) : deadMailbox.test(enhanced);
    if (dead) return new RecipientRefused(said, { sure: enhanced !== null });
  }
  return new PermanentError(`smtp-${code}`, said);
}
