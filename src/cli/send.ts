import { type FileHandle, open } from 'node:fs/promises';

import type { Command } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { checkPayload } from '../core/payload.ts';
import { acceptMessages } from '../message/accept.ts';
import { readJson } from '../table/json.ts';
import { largestRow } from '../table/read-table.ts';
import { inBatches, type Input, openInput } from './input.ts';
import { openProgress } from './progress.ts';
import { acceptBatch, type AcceptedLine, type RejectedLine } from './send-batch.ts';
import { type BrandsSession, type Session, withBrands } from './session.ts';
import { count, note, oneLine, print } from './terminal.ts';
import { waitFor } from './wait.ts';

type Options = {
  readonly skipInvalid?: boolean;
  readonly rejects?: string;
  readonly idempotencyPrefix?: string;
  readonly json?: boolean;
  readonly wait?: boolean;
};

/** Messages a transaction. */
const batchSize = 500;
/** With `--wait`. */
const mostToWaitFor = 100;
/** Of many refused lines the first few are enough to see what is wrong. */
const mostToShow = 20;

export function addSend(program: Command): void {
  program
    .command('send')
    .description('hand messages in: JSON, a JSON array or one JSON object a line')
    .argument('[file]', 'what to read; stdin when left out or -')
    .option('--skip-invalid', 'accept the others when some records are wrong')
    .option(
      '--rejects <file>',
      'write refused records and why to this file; implies --skip-invalid',
    )
    .option(
      '--idempotency-prefix <prefix>',
      'give records without idempotencyKey one made of this and the record',
    )
    .option('--json', 'print a line of JSON for every accepted message')
    .option('--wait', `wait until the messages are worked off, ${mostToWaitFor} at most`)
    .addHelpText(
      'after',
      `
A file is read as a stream and stored ${batchSize} messages a transaction. When a record is wrong, nothing of its batch
is stored, and the line and field are named. Records with an idempotencyKey are recognised when a file is sent again.

Examples:
  $ laurel send orders.ndjson
  $ laurel send orders.json --skip-invalid --rejects refused.ndjson
  $ shop export | laurel send --idempotency-prefix shop-2026-11-20
  $ echo '{"template":"order-confirmation","to":{"memberId":"ana"},"brand":"juniper","data":{…}}' | laurel send --wait`,
    )
    .action((file: string | undefined, options: Options) => send(file, options));
}

async function send(file: string | undefined, options: Options): Promise<void> {
  const input = await openInput(file);
  await withBrands(async (session) => {
    const rejects = options.rejects === undefined ? null : await openRejects(options.rejects);
    try {
      const tally = await sendAll(input, session, options, rejects);
      await report(tally, session, options);
    } finally {
      await rejects?.close();
    }
  });
}

type Tally = {
  accepted: number;
  known: number;
  /** Accepted without a key: sent again, they would be new. */
  unrepeatable: number;
  rejected: number;
  lastLine: number;
  /** The first ones, for printing and waiting. */
  readonly first: AcceptedLine[];
  stopped: 'at the end' | 'interrupted' | 'refused';
};

async function sendAll(
  input: Input,
  { signal, tenant, ...context }: BrandsSession,
  options: Options,
  rejects: FileHandle | null,
): Promise<Tally> {
  const skipInvalid = options.skipInvalid === true || rejects !== null;
  const tally: Tally = {
    accepted: 0,
    known: 0,
    unrepeatable: 0,
    rejected: 0,
    lastLine: 0,
    first: [],
    stopped: 'at the end',
  };
  const progress = openProgress(input.size);
  try {
    for await (const records of inBatches(readJson(input.chunks, largestRow), batchSize)) {
      if (signal.aborted) {
        tally.stopped = 'interrupted';
        break;
      }
      const { accepted, rejected } = await acceptBatch(
        records,
        (messages) => acceptMessages(context, tenant, messages, { check: checkPayload }),
        {
          skipInvalid,
          idempotencyPrefix: options.idempotencyPrefix,
        },
      );
      add(tally, accepted, rejected.length);
      if (options.json)
        for (const { repeatable: _, ...line } of accepted) await print(JSON.stringify(line));
      if (rejects) await rejects.write(rejected.map(rejectLine).join(''));
      else tellRejected(rejected, tally.rejected - rejected.length);
      progress.update(input.read(), `${count(tally.accepted, 'message')} accepted`);
      if (rejected.length > 0 && !skipInvalid) {
        tally.stopped = 'refused';
        break;
      }
      tally.lastLine = records.at(-1)?.line ?? tally.lastLine;
    }
  } finally {
    progress.stop();
  }
  return tally;
}

function add(tally: Tally, accepted: readonly AcceptedLine[], rejected: number): void {
  tally.accepted += accepted.length;
  tally.known += accepted.filter(({ created }) => !created).length;
  tally.unrepeatable += accepted.filter(({ repeatable }) => !repeatable).length;
  tally.rejected += rejected;
  tally.first.push(...accepted.slice(0, mostToWaitFor + 1 - tally.first.length));
}

async function report(tally: Tally, session: Session, options: Options): Promise<void> {
  const { accepted, known, rejected, first, stopped } = tally;
  const summary = [
    `${count(accepted, 'message')} accepted`,
    ...(known > 0 ? [`${known.toLocaleString('en')} of them known before`] : []),
    ...(rejected > 0 ? [`${count(rejected, 'record')} refused`] : []),
  ].join(', ');
  if (accepted + rejected === 0 && stopped === 'at the end')
    throw new PermanentError('empty', 'there was no record in it');
  if (options.json) note(summary);
  else {
    await print(summary);
    if (accepted <= 10) for (const { id } of first) await print(`  ${id}`);
  }
  if (options.rejects === undefined && rejected > mostToShow)
    note(`… and ${count(rejected - mostToShow, 'record')} more`);
  if (stopped !== 'at the end') throw new PermanentError('stopped', adviceAfter(tally));
  if (accepted === 0) throw new PermanentError('refused', 'every record was refused');
  if (!options.wait) {
    if (!options.json)
      note('A running `laurel serve` sends them; `laurel explain <id>` says what became of one.');
  } else if (accepted > mostToWaitFor)
    note(`Not waiting: --wait is for ${mostToWaitFor} messages at most.`);
  else
    await waitFor(
      first.map(({ id }) => id),
      session,
    );
}

/** What to do when a file was only accepted up to some line. */
function adviceAfter({ accepted, unrepeatable, lastLine, stopped }: Tally): string {
  const what =
    stopped === 'refused'
      ? 'nothing of the batch with these records was stored; put them right, or use --skip-invalid, and run it again.'
      : 'stopped before the end; run it again to go on.';
  if (accepted === 0) return what;
  return unrepeatable === 0
    ? `${what} What was accepted is recognised by its idempotencyKey and not sent twice.`
    : `${what} Take out everything up to line ${lastLine} first: ${count(unrepeatable, 'message')} accepted without idempotencyKey would be sent twice (--idempotency-prefix prevents that)`;
}

/** @param before how many were told of already */
function tellRejected(rejected: readonly RejectedLine[], before: number): void {
  for (const { line, problems } of rejected.slice(0, Math.max(0, mostToShow - before)))
    for (const { path, message } of problems)
      note(`line ${line}: ${oneLine(path)}: ${oneLine(message)}`);
}

const rejectLine = ({ line, text, problems }: RejectedLine) =>
  `${JSON.stringify({ line, problems, record: text })}\n`;

async function openRejects(file: string): Promise<FileHandle> {
  try {
    // It holds people's addresses.
    return await open(file, 'w', 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PermanentError('rejects', `cannot write the refused records to ${file}: ${why}`);
  }
}
