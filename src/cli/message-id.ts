import { PermanentError } from '../core/errors.ts';
import { findMessage, type MessageRecord } from '../message/messages.ts';
import { UsageError } from './failure.ts';
import type { Session } from './session.ts';

const form = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Checks what was typed before a database sees it. @param of what the id is of, e.g. `message` */
export function checkId(id: string, of: string): string {
  if (form.test(id)) return id.toLowerCase();
  throw new UsageError(
    `"${id}" is not the id of a ${of}; ids look like 0196a000-3c5e-7000-8000-1f2e3d4c5b6a`,
  );
}

/** @throws PermanentError when this installation's tenant has no such message */
export async function requireMessage(
  { pool, tenant }: Session,
  id: string,
): Promise<MessageRecord> {
  const record = await findMessage(pool, tenant, id);
  if (record) return record;
  throw new PermanentError(
    'unknown-message',
    `there is no message ${id} of tenant "${tenant}"; \`laurel messages\` lists the newest`,
  );
}
