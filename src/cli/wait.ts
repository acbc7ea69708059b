import { setTimeout as sleep } from 'node:timers/promises';

import { PermanentError } from '../core/errors.ts';
import { findMessage, type MessageRecord } from '../message/messages.ts';
import { becauseOf, outcomeSentence } from '../message/outcome.ts';
import type { Session } from './session.ts';
import { print } from './terminal.ts';

const pollMs = 200;
/** A message that needs longer is tried again later, or nobody is there to send it. */
const patienceMs = 60_000;

const waits = (record: MessageRecord | null) =>
  record !== null && (record.state === 'queued' || record.state === 'sending');

/**
 * Prints what becomes of messages, as it becomes known; one held until later counts as an outcome.
 * @throws PermanentError when some failed, or were still waiting at the end
 */
export async function waitFor(ids: readonly string[], session: Session): Promise<void> {
  const { pool, tenant, signal } = session;
  const until = performance.now() + patienceMs;
  let open = [...new Set(ids)];
  let failed = 0;
  while (open.length > 0) {
    const records = await Promise.all(open.map((id) => findMessage(pool, tenant, id)));
    for (const record of records) {
      if (record === null || waits(record)) continue;
      if (record.state === 'failed' || record.state === 'quarantined') failed += 1;
      await print(`  ${record.id}  ${outcomeSentence(record, becauseOf(record))}`);
    }
    open = open.filter((_, index) => waits(records[index] ?? null));
    if (open.length === 0) break;
    if (signal.aborted || performance.now() > until) {
      throw new PermanentError(
        'still-waiting',
        `${open.length} still waiting after ${patienceMs / 1000} s; is a \`laurel serve\` running? They are sent as soon as one is`,
      );
    }
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
  if (failed > 0)
    throw new PermanentError('not-sent', `${failed} could not be sent; see \`laurel explain\``);
}
