import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Client } from 'pg';
import type { z } from 'zod';

import { RunMessage, RunSpec } from './runs/protocol.ts';
import type { ServiceCpu, Services } from './services.ts';

export type Variant = 'laurel' | 'bare' | 'noop' | 'latency' | 'beside';

const files: Readonly<Record<Variant, URL>> = {
  laurel: new URL('runs/laurel.ts', import.meta.url),
  bare: new URL('runs/bare.ts', import.meta.url),
  noop: new URL('runs/noop.ts', import.meta.url),
  latency: new URL('runs/latency.ts', import.meta.url),
  beside: new URL('runs/beside.ts', import.meta.url),
};

export type RunResult = {
  /** From the last mail of the warm-up to the last one, as the sink saw them arrive. */
  readonly perSecond: number;
  /** CPU milliseconds a mail; null where the system doesn't tell. */
  readonly cpu: ServiceCpu & { readonly worker: number };
  /** Write-ahead log a mail, from the last of the warm-up to the last mail. */
  readonly walBytes: number;
  /** What a mail leaves behind in its table, TOAST and indexes, tidied; null where it has none. */
  readonly storedBytes: number | null;
  /** When mails arrived, in milliseconds since 1970. */
  readonly arrivals: readonly number[];
  readonly details: Extract<RunMessage, { kind: 'details' }>;
};

/** Runs one variant in a process and a database of its own. */
export async function runOnce(
  variant: Variant,
  services: Services,
  spec: Omit<z.input<typeof RunSpec>, 'databaseUrl' | 'smtpUrl'>,
): Promise<RunResult> {
  await services.sink.reset();
  const database = await services.freshDatabase();
  try {
    const full = RunSpec.parse({ ...spec, databaseUrl: database.url, smtpUrl: services.sink.url });
    const { measured, details, before, after, wal } = await execute(variant, full, services);
    const { warmUp, mails } = spec;
    const arrivals = await services.sink.arrivals();
    const from = arrivals[warmUp - 1];
    const until = arrivals[warmUp + mails - 1];
    const sinkMs = from === undefined || until === undefined ? null : until - from;
    const perMail = (key: keyof ServiceCpu) => {
      const [a, b] = [before[key], after[key]];
      return a === null || b === null ? null : (b - a) / mails;
    };
    return {
      perSecond: (1000 * mails) / (sinkMs ?? measured.elapsedMs),
      cpu: {
        worker: measured.cpuMs / mails,
        postgres: perMail('postgres'),
        redis: perMail('redis'),
        sink: perMail('sink'),
      },
      walBytes: wal / mails,
      storedBytes:
        variant === 'laurel' ? (await messagesSize(database.url)) / (warmUp + mails) : null,
      arrivals,
      details,
    };
  } finally {
    await database.drop();
  }
}

/** As `npm start` has it; the references get it as well. */
const nodeFlags = ['--max-semi-space-size=64'];

async function execute(variant: Variant, spec: RunSpec, services: Services) {
  const child = spawn(
    process.execPath,
    [...nodeFlags, '--import', 'tsx', fileURLToPath(files[variant])],
    {
      stdio: ['ignore', 2, 2, 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', BENCH_RUN: JSON.stringify(spec) },
    },
  );
  let before = services.cpu();
  let after = before;
  let walBefore = services.walBytes();
  let walAfter = walBefore;
  let measured: Extract<RunMessage, { kind: 'measured' }> | undefined;
  let details: Extract<RunMessage, { kind: 'details' }> | undefined;
  child.on('message', (raw) => {
    const message = RunMessage.parse(raw);
    if (message.kind === 'warm') {
      before = services.cpu();
      walBefore = services.walBytes();
    }
    if (message.kind === 'measured') {
      after = services.cpu();
      walAfter = services.walBytes();
      measured = message;
    }
    if (message.kind === 'details') details = message;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || !measured || !details) throw new Error(`the ${variant} run failed (${code})`);
  return { measured, details, before, after, wal: (await walAfter) - (await walBefore) };
}

async function messagesSize(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum full');
    const { rows } = await client.query<{ bytes: string }>(
      `select sum(pg_total_relation_size(inhrelid)) as bytes from pg_inherits
        where inhparent in ('laurel.messages'::regclass, 'laurel.message_keys'::regclass)
          -- Nothing but what an empty week has.
          and pg_relation_size(inhrelid) > 0`,
    );
    return Number(rows[0]?.bytes);
  } finally {
    await client.end();
  }
}
