import { randomUUID } from 'node:crypto';

import type { Ending } from '../src/delivery/claims.ts';
import type { NewMessage } from '../src/message/new-messages.ts';
import type { Db } from '../src/postgres/pool.ts';

/** A message to Ana as it is stored when it is accepted, under an id of its own unless one is given. */
export function newMessage({
  id = randomUUID(),
  ...changes
}: Partial<NewMessage> = {}): NewMessage {
  return {
    id,
    tenant: 'main',
    idempotencyKey: `key-${id}`,
    requestHash: 'hash',
    lane: 'transactional',
    template: 'order-confirmation',
    brand: 'juniper',
    memberId: 'ana',
    email: 'ana@mail.example',
    name: 'Ana',
    locale: null,
    parsedBy: null,
    data: { orderId: '1' },
    about: ['order:1'],
    sendAt: null,
    after: null,
    expiresAt: null,
    wantedVersion: null,
    ...changes,
  };
}

/** How a claim ends whose mail was taken just now. */
export const sentEnding = (claim: Pick<Ending, 'id' | 'token'>): Ending => ({
  id: claim.id,
  token: claim.token,
  state: 'sent',
  reason: null,
  error: null,
  at: new Date(),
  delayMs: null,
  spentTries: 0,
  unknownOutcomes: 0,
  sentTo: 'ana@mail.example',
  transport: 'smtp',
  response: '250 ok',
  templateVersion: null,
  decision: null,
  message: null,
});

/** A mail of a campaign to a guest, which has left. Returns its id. */
export async function insertSent(db: Db, email?: string, tenant = 'main'): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into laurel.messages (id, tenant, request_hash, lane, campaign_id, template, brand, email, data, state, next_at, finished_at, sent_to, transport, response)
     values ($1, $2, '', 'campaign', $1, 'early-access', 'juniper', $3, '{}', 'sent', now(), now(), $3, 'smtp', '250 ok')`,
    [id, tenant, email ?? `${id}@example.com`],
  );
  return id;
}
