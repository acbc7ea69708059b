import { randomUUID } from 'node:crypto';

import type { Ending } from '../src/delivery/claims.ts';
import type { NewMessage } from '../src/message/new-messages.ts';

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
});
