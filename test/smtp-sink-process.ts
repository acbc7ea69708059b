// A mail sink in a process of its own, for kill tests and benchmarks: as cheap as possible, and it outlives whoever sends.
//
//   node --import tsx test/smtp-sink-process.ts [port] [control port]
//
// Prints one line of JSON, { smtp, control }, when it listens on 127.0.0.1, and its figures on SIGUSR2 and when it ends. The control
// port takes one command a line and answers each with one line of JSON:
//   stats                 { mails, unique, copies, bytes, dropped, deferred, connections }
//   ids                   { "<message id>": times, … }
//   arrivals              [ when each mail arrived, in milliseconds since 1970, … ]
//   reset                 forgets the figures
//   behave {"dropAnswer":0.01,"defer":0.05,"delay":20}   shares of 250s dropped after taking, of 451s, and ms before each 250
//   behave {"hang":"data"}   says nothing any more when asked for DATA, or at the dot, and doesn't take the mail
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { messageIdOf } from './smtp-sink.ts';
import { startWireServer } from './smtp-wire.ts';

const Behaviour = z.strictObject({
  dropAnswer: z.number().min(0).max(1).default(0),
  defer: z.number().min(0).max(1).default(0),
  delay: z.number().min(0).default(0),
  hang: z.enum(['data', 'dot']).optional(),
});

let behaviour = Behaviour.parse({});
let ids = new Map<string, number>();
/** When each mail arrived, in milliseconds since 1970. */
let arrivals: number[] = [];
let figures = { mails: 0, bytes: 0, dropped: 0, deferred: 0, hanging: 0 };
let seed = 1;

/** The same misfortunes in every run. */
function chance(share: number): boolean {
  if (share === 0) return false;
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32 < share;
}

const server = await startWireServer({
  port: Number(process.argv[2] ?? 0),
  record: false,
  answer(command) {
    if (behaviour.hang !== 'data' || command !== 'DATA') return undefined;
    figures.hanging += 1;
    return '';
  },
  afterDot(mail) {
    if (behaviour.hang === 'dot') {
      figures.hanging += 1;
      return '';
    }
    if (chance(behaviour.defer)) {
      figures.deferred += 1;
      return '451 4.3.0 deferred on demand';
    }
    arrivals.push(performance.timeOrigin + performance.now());
    const id = messageIdOf(mail);
    ids.set(id, (ids.get(id) ?? 0) + 1);
    figures.mails += 1;
    figures.bytes += mail.length;
    if (chance(behaviour.dropAnswer)) {
      figures.dropped += 1;
      return null;
    }
    if (behaviour.delay === 0) return '250 2.0.0 taken';
    return new Promise((resolve) => setTimeout(resolve, behaviour.delay, '250 2.0.0 taken'));
  },
});

const stats = () => ({
  ...figures,
  unique: ids.size,
  copies: figures.mails - ids.size,
  connections: server.connections,
});

function obey(line: string): unknown {
  const [command = '', rest = ''] = line.trim().split(/ (.*)/s);
  if (command === 'stats') return stats();
  if (command === 'ids') return Object.fromEntries(ids);
  if (command === 'arrivals') return arrivals;
  if (command === 'reset') {
    ids = new Map();
    arrivals = [];
    figures = { mails: 0, bytes: 0, dropped: 0, deferred: 0, hanging: 0 };
    return stats();
  }
  if (command === 'behave') {
    behaviour = Behaviour.parse(JSON.parse(rest));
    return behaviour;
  }
  return { error: `unknown command "${command}"; known are stats, ids, arrivals, reset, behave` };
}

const control = createServer((socket) => {
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => {
    let answer: unknown;
    try {
      answer = obey(line);
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    socket.write(`${JSON.stringify(answer)}\n`);
  });
});
control.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
  const address = control.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  print({ smtp: server.url, control: port });
});

process.on('SIGUSR2', () => print(stats()));
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    print(stats());
    process.exit(0);
  });

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
