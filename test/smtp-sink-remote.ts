import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

const Started = z.object({ smtp: z.string(), control: z.int() });
const Stats = z.object({
  /** Mails taken, those among them with an id of their own, and the rest: second and further copies. */
  mails: z.int(),
  unique: z.int(),
  copies: z.int(),
  bytes: z.int(),
  /** 250s not given though the mail was taken, and 451s given. */
  dropped: z.int(),
  deferred: z.int(),
  /** Mails it says nothing to. */
  hanging: z.int(),
  connections: z.object({ total: z.int(), open: z.int() }),
});
const Answer = z.object({ error: z.string().optional() });
export type SinkStats = z.infer<typeof Stats>;

export type RemoteSink = {
  readonly url: string;
  readonly pid: number;
  stats(): Promise<SinkStats>;
  /** How often each Message-ID (without angle brackets) was taken. */
  ids(): Promise<ReadonlyMap<string, number>>;
  /** When each mail arrived, in order, in milliseconds since 1970 with fractions. */
  arrivals(): Promise<readonly number[]>;
  reset(): Promise<void>;
  /** Shares from 0 to 1 of 250s dropped and mails deferred, and milliseconds before each 250. */
  behave(how: {
    dropAnswer?: number;
    defer?: number;
    delay?: number;
    /** Says nothing any more when asked for DATA, or at the dot, and takes no mail. */
    hang?: 'data' | 'dot';
  }): Promise<void>;
  close(): Promise<void>;
};

/** Starts `smtp-sink-process.ts` and speaks its line protocol. */
export async function startRemoteSink(): Promise<RemoteSink> {
  const file = fileURLToPath(new URL('smtp-sink-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [first] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => Promise.reject(new Error('the sink process ended before it listened'))),
  ]);
  const { smtp, control } = Started.parse(JSON.parse(String(first)));
  const socket = connect(control, '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  let last: Promise<unknown> = once(socket, 'connect');
  // One question at a time: answers carry no number.
  const ask = (question: string): Promise<unknown> => {
    last = last.then(async () => {
      socket.write(`${question}\n`);
      const { value } = await lines.next();
      return JSON.parse(String(value));
    });
    return last;
  };
  return {
    url: smtp,
    pid: child.pid ?? 0,
    stats: async () => Stats.parse(await ask('stats')),
    ids: async () => new Map(Object.entries(z.record(z.string(), z.int()).parse(await ask('ids')))),
    arrivals: async () => z.array(z.number()).parse(await ask('arrivals')),
    async reset() {
      await ask('reset');
    },
    async behave(how) {
      const { error } = Answer.parse(await ask(`behave ${JSON.stringify(how)}`));
      if (error !== undefined) throw new Error(`the sink refused: ${error}`);
    },
    async close() {
      socket.destroy();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
