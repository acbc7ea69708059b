import { createPublicKey, verify } from 'node:crypto';

import { z } from 'zod';

import { InvalidInput } from '../../../core/errors.ts';
import type { FeedbackKind } from '../../../feedback/feedback.ts';
import { parseWith } from '../../bodies.ts';
import type { WebhookAdapter } from '../adapter.ts';
import { headerText, type Said, told } from './told.ts';

const Options = z.strictObject({
  /** "Verification Key" of the signed event webhook: base64 of the public key. */
  publicKey: z.string().min(1),
});

const Event = z.looseObject({
  event: z.string(),
  email: z.string(),
  timestamp: z.number(),
  sg_event_id: z.string().min(1),
  'smtp-id': z.string().optional(),
  reason: z.string().optional(),
  response: z.string().optional(),
  status: z.string().optional(),
  type: z.string().optional(),
});
type Event = z.output<typeof Event>;

/** Of mails that SendGrid didn't even try, and why. */
const dropped: Readonly<Record<string, FeedbackKind>> = {
  'bounced address': 'hard-bounce',
  'spam reporting address': 'complaint',
  'unsubscribed address': 'unsubscribed',
};

function kindOf({ event, type, reason = '' }: Event): FeedbackKind | null {
  switch (event) {
    case 'delivered':
      return 'delivered';
    case 'deferred':
      return 'delayed';
    case 'bounce':
      return type === 'blocked' ? 'soft-bounce' : 'hard-bounce';
    case 'dropped':
      return dropped[reason.toLowerCase()] ?? 'soft-bounce';
    case 'spamreport':
      return 'complaint';
    case 'unsubscribe':
    case 'group_unsubscribe':
      return 'unsubscribed';
    case 'click':
      return 'clicked';
    default:
      return null;
  }
}

const said = (event: Event): Said => ({
  id: event.sg_event_id,
  kind: kindOf(event),
  seconds: event.timestamp,
  messageId: event['smtp-id'],
  address: event.email,
  detail: [event.status, event.reason ?? event.response],
});

/** SendGrid's signed event webhook: ECDSA over the timestamp and the body. */
export const sendgrid: WebhookAdapter = {
  name: 'sendgrid',
  brandless: true,
  secretless: true,
  open: (_connection, options) => {
    const key = keyOf(parseWith(Options, options).publicKey);
    return {
      isAuthentic: ({ headers, body }) => {
        const signature = headerText(headers['x-twilio-email-event-webhook-signature']);
        const time = headerText(headers['x-twilio-email-event-webhook-timestamp']);
        if (signature === '' || !/^\d{1,12}$/.test(time)) return false;
        const signed = Buffer.concat([Buffer.from(time), body]);
        return verify('sha256', signed, key, Buffer.from(signature, 'base64'));
      },
      read: (payload) => told(parseWith(z.array(Event), payload).map(said)),
    };
  },
};

function keyOf(text: string) {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ec') return key;
  } catch {
    // Said below.
  }
  throw new InvalidInput([
    { path: 'publicKey', message: 'must be the verification key that SendGrid shows' },
  ]);
}
