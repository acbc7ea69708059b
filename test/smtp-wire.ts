import { createServer, type Socket } from 'node:net';

const END = Buffer.from('\r\n.\r\n');
const LINE: Buffer = Buffer.from('\r\n');
const EMPTY: Buffer = Buffer.alloc(0);

/** A server as bare as can be, for dialogues no proper server would have and for benchmarks that mustn't measure the sink. */
export type WireScript = {
  readonly port?: number;
  /** Sent on connecting; null says nothing. */
  readonly greeting?: string | null;
  /** A refusal to greet this connection with, instead of the greeting. */
  readonly onConnect?: () => string | undefined;
  /** Keywords after the first EHLO line. */
  readonly extensions?: readonly string[];
  /** Answers one command. `undefined`: the usual answer; null: hangs up; an empty string: says nothing. */
  readonly answer?: (command: string, socket: Socket) => string | null | undefined;
  /** Answers the final dot of a mail (still dot-stuffed, without its last line break), in the same way. */
  readonly afterDot?: (
    mail: Buffer,
    socket: Socket,
  ) => string | null | undefined | Promise<string | null | undefined>;
  /** False keeps no commands, for long runs. */
  readonly record?: boolean;
  /** Called with the first bytes of a mail. */
  readonly onBody?: (socket: Socket) => void;
};

export type WireServer = {
  readonly url: string;
  readonly port: number;
  /** Every command line, in order, over all connections. */
  readonly commands: string[];
  readonly connections: { total: number; open: number };
  close(): Promise<void>;
};

/** Starts one on 127.0.0.1. */
export async function startWireServer(script: WireScript = {}): Promise<WireServer> {
  const { extensions = ['PIPELINING', '8BITMIME', 'SIZE 0'] } = script;
  const commands: string[] = [];
  const connections = { total: 0, open: 0 };
  const sockets = new Set<Socket>();
  const ehlo = ['wire.example', ...extensions];
  const greeting = ehlo.map((line, at) => `250${at === ehlo.length - 1 ? ' ' : '-'}${line}`);

  const usual = (command: string): string => {
    const verb = command.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return greeting.join('\r\n');
    if (verb === 'DATA') return '354 go ahead';
    return verb === 'QUIT' ? '221 bye' : '250 ok';
  };

  const server = createServer((socket) => {
    connections.total += 1;
    connections.open += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      connections.open -= 1;
      sockets.delete(socket);
    });
    const refusal = script.onConnect?.();
    if (refusal !== undefined) socket.end(`${refusal}\r\n`);
    else if (script.greeting !== null)
      socket.write(`${script.greeting ?? '220 wire.example ESMTP'}\r\n`);

    let inMail = false;
    let pieces: Buffer[] = [];
    /** The last four bytes before what comes next: the final dot may arrive in pieces. */
    let before: Buffer = EMPTY;
    let rest: Buffer = EMPTY;

    const say = (text: string | null | undefined, fallback: string) => {
      if (text === null) socket.destroy();
      else if (text !== '') socket.write(`${text ?? fallback}\r\n`);
    };
    const takeMail = (chunk: Buffer): Buffer => {
      if (pieces.length === 0) script.onBody?.(socket);
      const seam = Buffer.concat([before, chunk.subarray(0, 4)]).indexOf(END);
      const at = seam === -1 ? chunk.indexOf(END) : seam - before.length;
      if (at === -1) {
        pieces.push(chunk);
        before = Buffer.concat([before, chunk.subarray(-4)]).subarray(-4);
        return EMPTY;
      }
      pieces.push(chunk.subarray(0, Math.max(at, 0)));
      const answer = script.afterDot?.(Buffer.concat(pieces), socket);
      inMail = false;
      if (answer instanceof Promise) void answer.then((text) => say(text, '250 ok'));
      else say(answer, '250 ok');
      return chunk.subarray(at + END.length);
    };
    const takeCommands = (chunk: Buffer): Buffer => {
      const end = chunk.indexOf('\r\n');
      if (end === -1) {
        rest = chunk;
        return EMPTY;
      }
      const command = chunk.toString('latin1', 0, end);
      if (script.record !== false) commands.push(command);
      const answer = script.answer?.(command, socket);
      say(answer, usual(command));
      if (command === 'DATA' && (answer === undefined || answer?.startsWith('354'))) {
        inMail = true;
        pieces = [];
        before = LINE;
      }
      if (command === 'QUIT' && answer === undefined) socket.end();
      return chunk.subarray(end + 2);
    };

    socket.on('data', (chunk) => {
      let left: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      rest = EMPTY;
      while (left.length > 0 && !socket.destroyed)
        left = inMail ? takeMail(left) : takeCommands(left);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(script.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    commands,
    connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
