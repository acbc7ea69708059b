import { z } from 'zod';

import type { FeedbackKind } from '../../../feedback/feedback.ts';
import { parseWith } from '../../bodies.ts';
import type { WebhookAdapter } from '../adapter.ts';
import { headerText, isSame, type Said, told } from './told.ts';

const Options = z.strictObject({});

const text = z.string().optional();
const common = {
  MessageID: z.string().optional(),
  /** Where a mail carries `X-PM-Metadata-laurel-message: {messageId}`. */
  Metadata: z.looseObject({ 'laurel-message': text }).optional(),
};
const Payload = z.discriminatedUnion('RecordType', [
  z.looseObject({
    RecordType: z.literal('Delivery'),
    Recipient: z.string(),
    DeliveredAt: z.string(),
    Details: text,
    ...common,
  }),
  z.looseObject({
    RecordType: z.literal('Bounce'),
    ID: z.number(),
    Type: z.string(),
    Email: z.string(),
    BouncedAt: z.string(),
    Details: text,
    Description: text,
    ...common,
  }),
  z.looseObject({
    RecordType: z.literal('SpamComplaint'),
    ID: z.number(),
    Email: z.string(),
    BouncedAt: z.string(),
    ...common,
  }),
  z.looseObject({
    RecordType: z.literal('SubscriptionChange'),
    Recipient: z.string(),
    ChangedAt: z.string(),
    SuppressSending: z.boolean(),
    SuppressionReason: z.string().nullish(),
    Origin: z.string().optional(),
    ...common,
  }),
  z.looseObject({
    RecordType: z.literal('Click'),
    Recipient: z.string(),
    ReceivedAt: z.string(),
    OriginalLink: text,
    ...common,
  }),
  z.looseObject({ RecordType: z.literal('Open') }),
]);
type Payload = z.output<typeof Payload>;

/** Answers of people and their machines, which are no bounces. */
const answers = new Set([
  'AutoResponder',
  'Subscribe',
  'AddressChange',
  'ChallengeVerification',
  'OpenRelayTest',
  'Unknown',
]);
const bounces: Readonly<Record<string, FeedbackKind>> = {
  HardBounce: 'hard-bounce',
  BadEmailAddress: 'hard-bounce',
  SpamComplaint: 'complaint',
  Unsubscribe: 'unsubscribed',
};
const suppressed: Readonly<Record<string, FeedbackKind>> = {
  HardBounce: 'hard-bounce',
  SpamComplaint: 'complaint',
  ManualSuppression: 'unsubscribed',
};

function said(payload: Payload): Said[] {
  if (payload.RecordType === 'Open') return [];
  const { MessageID = '', Metadata } = payload;
  const messageId = Metadata?.['laurel-message'];
  switch (payload.RecordType) {
    case 'Delivery':
      return [
        {
          id: `delivery-${MessageID}-${payload.Recipient}`,
          kind: 'delivered',
          at: payload.DeliveredAt,
          address: payload.Recipient,
          messageId,
          detail: [payload.Details],
        },
      ];
    case 'Bounce':
      return [
        {
          id: `bounce-${payload.ID}`,
          kind: answers.has(payload.Type) ? null : (bounces[payload.Type] ?? 'soft-bounce'),
          at: payload.BouncedAt,
          address: payload.Email,
          messageId,
          detail: [payload.Type, payload.Details ?? payload.Description],
        },
      ];
    case 'SpamComplaint':
      return [
        {
          id: `complaint-${payload.ID}`,
          kind: 'complaint',
          at: payload.BouncedAt,
          address: payload.Email,
          messageId,
        },
      ];
    case 'SubscriptionChange':
      return [
        {
          id: `subscription-${payload.Recipient}-${payload.ChangedAt}`,
          // Nothing that is told takes an address off the list.
          kind: payload.SuppressSending
            ? (suppressed[payload.SuppressionReason ?? ''] ?? 'unsubscribed')
            : null,
          at: payload.ChangedAt,
          address: payload.Recipient,
          messageId,
          detail: [payload.SuppressionReason ?? undefined, payload.Origin],
        },
      ];
    case 'Click':
      return [
        {
          id: `click-${MessageID}-${payload.Recipient}-${payload.ReceivedAt}`,
          kind: 'clicked',
          at: payload.ReceivedAt,
          address: payload.Recipient,
          messageId,
        },
      ];
    default:
      return payload satisfies never;
  }
}

/** Postmark signs nothing: its webhooks carry a user name and a password (`https://user:password@…`), `user:password` here. */
export const postmark: WebhookAdapter = {
  name: 'postmark',
  brandless: true,
  open: ({ secrets }, options) => {
    parseWith(Options, options);
    return {
      isAuthentic: ({ headers }) => {
        const [scheme = '', given = ''] = headerText(headers.authorization).split(' ');
        const password = Buffer.from(given, 'base64').toString();
        return (
          scheme.toLowerCase() === 'basic' &&
          secrets.map((secret) => isSame(password, secret)).includes(true)
        );
      },
      read: (payload) => told(said(parseWith(Payload, payload))),
    };
  },
};
