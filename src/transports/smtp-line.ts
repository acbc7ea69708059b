import type { Socket } from 'node:net';

import type SMTPConnection from 'nodemailer/lib/smtp-connection';

import type { SmtpLimits } from './smtp-limits.ts';
import { type Reply, replyReader } from './smtp-reply.ts';

/** The connection is gone, or was given up. `replies` came before that. */
export class LineLost extends Error {
  override readonly name = 'LineLost';
  readonly replies: readonly Reply[];
  /** The server was there, and said or took nothing for too long. */
  readonly silent: boolean;

  constructor(why: string, replies: readonly Reply[], silent = false) {
    super(why);
    this.replies = replies;
    this.silent = silent;
  }
}

/** Questions and answers over one connection, in order, nothing more. */
export type Line = {
  readonly alive: boolean;
  readonly encrypted: boolean;
  /** Writes commands and resolves with their replies, as many as asked for, each within `limit` milliseconds. @throws LineLost */
  ask(commands: string, replies: number, limit: number): Promise<Reply[]>;
  /**
   * Writes a mail block by block and resolves with one reply. `onWritten` is called once the system has taken the last byte.
   * @throws LineLost
   */
  pour(
    parts: readonly Buffer[],
    limits: Pick<SmtpLimits, 'block' | 'answer'>,
    onWritten: () => void,
  ): Promise<Reply[]>;
  /** Ends the connection without a word. What is being asked rejects with LineLost. */
  hangUp(why: string): void;
};

type Question = {
  readonly expected: number;
  /** Milliseconds for each reply. */
  readonly limit: number;
  readonly replies: Reply[];
  readonly resolve: (replies: Reply[]) => void;
  readonly reject: (lost: LineLost) => void;
};

/**
 * Takes the dialogue over from nodemailer once it has connected, encrypted and logged in. Errors, timeouts and the end keep
 * coming through nodemailer's listeners. `onLost` is called once.
 */
export function takeOver(connection: SMTPConnection, socket: Socket, onLost: () => void): Line {
  let alive = true;
  let question: Question | null = null;
  let patience: NodeJS.Timeout | undefined;

  const lose = (why: string, silent = false) => {
    if (!alive) return;
    alive = false;
    clearTimeout(patience);
    const asked = question;
    question = null;
    connection.close();
    onLost();
    asked?.reject(new LineLost(why, asked.replies, silent));
  };
  /** Whole answers count, not bytes: a server that sends one now and then is silent, too. */
  const wait = (limit: number, what: string) => {
    clearTimeout(patience);
    patience = setTimeout(() => lose(`the server ${what} for ${limit / 1000} s`, true), limit);
  };
  const hear = (reply: Reply | null) => {
    if (!alive) return;
    if (!reply) return lose('the server answered something that is not SMTP');
    question?.replies.push(reply);
    // 421 announces the end whatever was asked (RFC 5321 3.8); an answer nobody asked for means we lost step.
    if (reply.code === 421) return lose('the server closed the session');
    if (!question) return lose('the server spoke out of turn');
    if (question.replies.length < question.expected) return wait(question.limit, 'said nothing');
    const { resolve, replies } = question;
    clearTimeout(patience);
    question = null;
    resolve(replies);
  };
  const expect = (expected: number, limit: number, write: () => void) =>
    new Promise<Reply[]>((resolve, reject) => {
      if (!alive) return reject(new LineLost('the connection is closed', []));
      question = { expected, limit, replies: [], resolve, reject };
      write();
    });

  connection.on('error', (error: Error) => lose(error.message));
  connection.on('end', () => lose('the server closed the connection'));
  // From here on each question has its own limit.
  socket.setTimeout(0);
  socket.removeAllListeners('data');
  socket.on('data', replyReader(hear));

  return {
    get alive() {
      return alive;
    },
    encrypted: 'encrypted' in socket,
    ask: (commands, replies, limit) =>
      expect(replies, limit, () => {
        wait(limit, 'said nothing');
        socket.write(commands, 'latin1');
      }),
    pour: (parts, { block, answer }, onWritten) =>
      expect(1, answer, () => {
        const blocks = blocksOf(parts);
        const next = () => {
          if (!alive || !question) return;
          const pieces = blocks.shift();
          if (!pieces) {
            onWritten();
            return wait(answer, 'said nothing');
          }
          wait(block, 'took nothing of the mail');
          socket.cork();
          for (const piece of pieces.slice(0, -1)) socket.write(piece);
          socket.write(pieces.at(-1) ?? '', (error) => {
            if (!error) next();
          });
          socket.uncork();
        };
        next();
      }),
    hangUp: (why) => lose(why),
  };
}

const blockBytes = 64 * 1024;

/** A mail's parts by blocks of some 64 KB, each written in one go: an ordinary mail is one. */
function blocksOf(parts: readonly Buffer[]): Buffer[][] {
  const blocks: Buffer[][] = [[]];
  let room = blockBytes;
  for (const part of parts)
    for (let from = 0; from < part.length;) {
      if (room === 0) {
        blocks.push([]);
        room = blockBytes;
      }
      const piece = part.subarray(from, from + room);
      blocks.at(-1)?.push(piece);
      from += piece.length;
      room -= piece.length;
    }
  return blocks;
}
