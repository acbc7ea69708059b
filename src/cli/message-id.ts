import { listCampaigns } from '../campaign/campaigns.ts';
import { PermanentError } from '../core/errors.ts';
import { findMessage, listMessages, type MessageRecord } from '../message/messages.ts';
import { UsageError } from './failure.ts';
import type { Session } from './session.ts';

const form = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What is typed for the newest one, where an id is asked for. */
const newest = 'last';

/** Whether something typed is an id, or the newest one's name. */
export const isId = (text: string): boolean => form.test(text) || text === newest;

/** Checks what was typed before a database sees it. @param of what the id is of, e.g. `message` */
export function checkId(id: string, of: string): string {
  if (isId(id)) return id.toLowerCase();
  throw new UsageError(
    `"${id}" is not the id of a ${of}; ids look like 0196a000-3c5e-7000-8000-1f2e3d4c5b6a, and "${newest}" is the newest one`,
  );
}

/** The id that was meant. @throws PermanentError when the newest one was, and there is none */
export async function messageIdOf({ pool, tenant }: Session, id: string): Promise<string> {
  if (id !== newest) return id;
  const [message] = await listMessages(pool, tenant, { limit: 1 });
  if (message) return message.id;
  throw new PermanentError('unknown-message', `there is no message of tenant "${tenant}" yet`);
}

/** The same of a campaign. */
export async function campaignIdOf({ pool, tenant }: Session, id: string): Promise<string> {
  if (id !== newest) return id;
  const [campaign] = await listCampaigns(pool, tenant);
  if (campaign) return campaign.id;
  throw new PermanentError(
    'no-campaign',
    'there is no campaign yet; `laurel campaign start` makes one',
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
