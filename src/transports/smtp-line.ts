import type { Socket } from 'node:net';

import type SMTPConnection from 'nodemailer/lib/smtp-connection';

import { type Reply, replyReader } from './smtp-reply.ts';

/** The connection is gone, or was given up. `replies` came before that. */
export class LineLost extends Error {
  override readonly name = 'LineLost';
  readonly replies: readonly Reply[];

  constructor(why: string, replies: readonly Reply[]) {
    super(why);
    this.replies = replies;
  }
}

/** Questions and answers over one connection, in order, nothing more. */
export type Line = {
  readonly alive: boolean;
  readonly encrypted: boolean;
  /** Writes commands and resolves with their replies, as many as asked for. @throws LineLost */
  ask(commands: string, replies: number): Promise<Reply[]>;
  /** Writes parts in one go and resolves with one reply. `onWritten` is called once the system has taken the last byte. @throws LineLost */
  pour(parts: readonly Buffer[], onWritten: () => void): Promise<Reply[]>;
  /** Ends the connection without a word. What is being asked rejects with LineLost. */
  hangUp(why: string): void;
};

type Question = {
  readonly expected: number;
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

  const lose = (why: string) => {
    if (!alive) return;
    alive = false;
    const asked = question;
    question = null;
    connection.close();
    onLost();
    asked?.reject(new LineLost(why, asked.replies));
  };
  const hear = (reply: Reply | null) => {
    if (!alive) return;
    if (!reply) return lose('the server answered something that is not SMTP');
    question?.replies.push(reply);
    // 421 announces the end whatever was asked (RFC 5321 3.8); an answer nobody asked for means we lost step.
    if (reply.code === 421) return lose('the server closed the session');
    if (!question) return lose('the server spoke out of turn');
    if (question.replies.length < question.expected) return;
    const { resolve, replies } = question;
    question = null;
    resolve(replies);
  };
  const expect = (expected: number, write: () => void) =>
    new Promise<Reply[]>((resolve, reject) => {
      if (!alive) return reject(new LineLost('the connection is closed', []));
      question = { expected, replies: [], resolve, reject };
      write();
    });

  connection.on('error', (error: Error) => lose(error.message));
  connection.on('end', () => lose('the server closed the connection'));
  socket.removeAllListeners('data');
  socket.on('data', replyReader(hear));

  return {
    get alive() {
      return alive;
    },
    encrypted: 'encrypted' in socket,
    ask: (commands, replies) => expect(replies, () => socket.write(commands, 'latin1')),
    pour: (parts, onWritten) =>
      expect(1, () => {
        socket.cork();
        for (const part of parts.slice(0, -1)) socket.write(part);
        socket.write(parts.at(-1) ?? '', (error) => {
          if (!error) onWritten();
        });
        socket.uncork();
      }),
    hangUp: lose,
  };
}
