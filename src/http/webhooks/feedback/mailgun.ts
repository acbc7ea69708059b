import { z } from 'zod';

import type { FeedbackKind } from '../../../feedback/feedback.ts';
import { parseWith } from '../../bodies.ts';
import type { WebhookAdapter } from '../adapter.ts';
import { isSignedBy } from '../hmac.ts';
import { jsonOf, told } from './told.ts';

const Options = z.strictObject({});
const Payload = z.looseObject({
  signature: z.looseObject({ timestamp: z.string(), token: z.string().min(1).max(255) }),
  'event-data': z.looseObject({
    id: z.string().min(1),
    event: z.string(),
    timestamp: z.number(),
    recipient: z.string(),
    severity: z.string().optional(),
    reason: z.string().optional(),
    message: z
      .looseObject({ headers: z.looseObject({ 'message-id': z.string().optional() }).optional() })
      .optional(),
    'delivery-status': z
      .looseObject({
        code: z.union([z.number(), z.string()]).optional(),
        message: z.string().nullish(),
        description: z.string().nullish(),
      })
      .optional(),
  }),
});
type EventData = z.output<typeof Payload>['event-data'];
const Signed = z.looseObject({
  signature: z.looseObject({ timestamp: z.string(), token: z.string(), signature: z.string() }),
});

/** What Mailgun gave up for good, and why. */
const failed: Readonly<Record<string, FeedbackKind>> = {
  bounce: 'hard-bounce',
  'suppress-bounce': 'hard-bounce',
  'suppress-complaint': 'complaint',
  'suppress-unsubscribe': 'unsubscribed',
};

function kindOf({ event, severity, reason = '' }: EventData): FeedbackKind | null {
  switch (event) {
    case 'delivered':
      return 'delivered';
    case 'failed':
      if (severity === 'temporary') return 'delayed';
      return failed[reason] ?? 'soft-bounce';
    case 'complained':
      return 'complaint';
    case 'unsubscribed':
      return 'unsubscribed';
    case 'clicked':
      return 'clicked';
    default:
      return null;
  }
}

/** Hours in which a signature is believed: Mailgun repeats for eight what isn't taken. */
const believedHours = 12;

/** Mailgun's webhooks. Their signature covers a token and not what is told, so a token counts for one event only. */
export const mailgun: WebhookAdapter = {
  name: 'mailgun',
  brandless: true,
  open: ({ secrets }, options) => {
    parseWith(Options, options);
    return {
      isAuthentic: ({ body }, now) => {
        const { success, data } = Signed.safeParse(jsonOf(body));
        if (!success) return false;
        const { timestamp, token, signature } = data.signature;
        const hours = Math.abs(now.getTime() / 1000 - Number(timestamp)) / 3600;
        return (
          /^\d{1,12}$/.test(timestamp) &&
          hours <= believedHours &&
          isSignedBy(secrets, [timestamp + token], signature, {
            encoding: 'hex',
            algorithm: 'sha256',
          })
        );
      },
      read: (payload) => {
        const { signature, 'event-data': event } = parseWith(Payload, payload);
        const status = event['delivery-status'];
        return told([
          {
            id: event.id,
            kind: kindOf(event),
            seconds: event.timestamp,
            messageId: event.message?.headers?.['message-id'],
            address: event.recipient,
            detail: [
              status?.code === undefined ? undefined : String(status.code),
              status?.message || status?.description || event.reason,
            ],
            proof: signature.token,
          },
        ]);
      },
    };
  },
};
