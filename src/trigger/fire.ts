import { createHash } from 'node:crypto';

import type { Brand } from '../brand/brand.ts';
import type { Trigger } from '../brand/triggers.ts';
import { IdempotencyConflict, InvalidInput } from '../core/errors.ts';
import { acceptMessage, type AcceptContext } from '../message/accept.ts';
import type { Db } from '../postgres/pool.ts';
import { triggersOf } from './causes.ts';
import { filled } from './facts.ts';
import { type Cause, endCause, type Ending, takeDueCauses } from './firings.ts';

/** Causes worked off in one transaction. */
const batch = 100;

/**
 * Makes the messages of causes whose turn it is. A cause and its message commit together, and the message's key follows from
 * the cause, so that each gives one message however often this is tried.
 * @param db a transaction
 * @returns how many causes were worked off; 0: none is due
 */
export async function fireDue(
  db: Db,
  context: AcceptContext,
  brandOf: (id: string) => Brand | undefined,
  now: Date,
): Promise<number> {
  const causes = await takeDueCauses(db, now, batch);
  for (const cause of causes)
    await endCause(db, cause, await fire(db, context, brandOf, cause, now));
  return causes.length;
}

async function fire(
  db: Db,
  context: AcceptContext,
  brandOf: (id: string) => Brand | undefined,
  cause: Cause,
  now: Date,
): Promise<Ending> {
  const trigger = new Map(triggersOf(brandOf(cause.brand) ?? {})).get(cause.trigger);
  if (!trigger) return { state: 'skipped', reason: 'trigger-removed' };
  if (now > worthUntil(cause, trigger)) return { state: 'skipped', reason: 'too-late' };
  try {
    const { id } = await acceptMessage(context, cause.tenant, requestOf(cause, trigger), { db });
    return { state: 'fired', messageId: id };
  } catch (error) {
    // One that can't be made keeps nobody else's waiting.
    if (error instanceof InvalidInput || error instanceof IdempotencyConflict)
      return { state: 'skipped', reason: error.code, detail: error.message };
    throw error;
  }
}

/** It may wait as long as its trigger says, and then its hours. */
const worthUntil = ({ at }: Pick<Cause, 'at'>, { afterMinutes, withinHours }: Trigger): Date =>
  new Date(at.getTime() + afterMinutes * 60_000 + withinHours * 3_600_000);

/** The message that a cause asks for. */
const requestOf = (
  { brand, trigger, cause, memberId, facts }: Omit<Cause, 'at' | 'dueAt'>,
  { template, data }: Trigger,
) => ({
  template,
  brand,
  to: { memberId },
  data: filled(data, facts),
  // As long as it may be, whatever sources call their events.
  idempotencyKey: `trigger:${createHash('sha256').update(`${brand}\n${trigger}\n${cause}`).digest('hex')}`,
});
