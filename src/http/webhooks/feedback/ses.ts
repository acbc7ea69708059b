import { z } from 'zod';

import { parsePayload } from '../../../core/payload.ts';
import type { FeedbackKind } from '../../../feedback/feedback.ts';
import { bodyLimits, parseWith } from '../../bodies.ts';
import { HttpError } from '../../errors.ts';
import type { Reading, WebhookAdapter } from '../adapter.ts';
import { fetchText, isOfSns, SnsMessage, snsSignatures } from './sns.ts';
import { jsonOf, type Said, told } from './told.ts';

const Options = z.strictObject({
  /** The topics that SES tells to: anybody can have SNS sign a message about a topic of their own. */
  topics: z.array(z.string().startsWith('arn:aws')).min(1),
});

const text = z.string().optional();
const recipients = z.array(
  z.looseObject({ emailAddress: z.string(), status: text, diagnosticCode: text }),
);
const Event = z.looseObject({
  /** Of configuration sets, and of the identities' own notifications. */
  eventType: text,
  notificationType: text,
  mail: z.looseObject({
    messageId: z.string(),
    timestamp: z.string(),
    destination: z.array(z.string()).default([]),
    headers: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
    commonHeaders: z.looseObject({ messageId: text }).optional(),
  }),
  bounce: z
    .looseObject({
      feedbackId: z.string(),
      bounceType: z.string(),
      bounceSubType: z.string(),
      timestamp: z.string(),
      bouncedRecipients: recipients,
    })
    .optional(),
  complaint: z
    .looseObject({
      feedbackId: z.string(),
      timestamp: z.string(),
      complaintFeedbackType: z.string().nullish(),
      complainedRecipients: recipients,
    })
    .optional(),
  delivery: z
    .looseObject({ timestamp: z.string(), recipients: z.array(z.string()), smtpResponse: text })
    .optional(),
  deliveryDelay: z
    .looseObject({ timestamp: z.string(), delayType: text, delayedRecipients: recipients })
    .optional(),
  subscription: z
    .looseObject({
      timestamp: z.string(),
      newTopicPreferences: z.looseObject({ unsubscribeAll: z.boolean().optional() }).optional(),
    })
    .optional(),
  click: z.looseObject({ timestamp: z.string() }).optional(),
});
type Event = z.output<typeof Event>;

/** @param id of the SNS message, where the event has none of its own */
function said(event: Event, id: string): Said[] {
  const { mail, bounce, complaint, delivery, deliveryDelay, subscription, click } = event;
  const of =
    (kind: FeedbackKind | null, own: string, at: string) =>
    (address: string, detail: readonly (string | undefined)[] = []): Said => ({
      id: `${own}-${address}`,
      kind,
      at,
      address,
      detail,
      messageId: originalId(mail),
    });
  if (bounce) {
    const kind = bounce.bounceType === 'Permanent' ? 'hard-bounce' : 'soft-bounce';
    const one = of(kind, bounce.feedbackId, bounce.timestamp);
    return bounce.bouncedRecipients.map(({ emailAddress, status, diagnosticCode }) =>
      one(emailAddress, [`${bounce.bounceType}/${bounce.bounceSubType}`, diagnosticCode ?? status]),
    );
  }
  if (complaint) {
    // A mail that somebody took out of the spam folder is told in the same way.
    const kind = complaint.complaintFeedbackType === 'not-spam' ? null : 'complaint';
    const one = of(kind, complaint.feedbackId, complaint.timestamp);
    return complaint.complainedRecipients.map(({ emailAddress }) =>
      one(emailAddress, [complaint.complaintFeedbackType ?? undefined]),
    );
  }
  if (delivery) {
    const one = of('delivered', `${mail.messageId}-delivery`, delivery.timestamp);
    return delivery.recipients.map((address) => one(address, [delivery.smtpResponse]));
  }
  if (deliveryDelay) {
    const one = of('delayed', id, deliveryDelay.timestamp);
    return deliveryDelay.delayedRecipients.map(({ emailAddress, diagnosticCode }) =>
      one(emailAddress, [deliveryDelay.delayType, diagnosticCode]),
    );
  }
  if (subscription) {
    const all = subscription.newTopicPreferences?.unsubscribeAll === true;
    const one = of(all ? 'unsubscribed' : null, id, subscription.timestamp);
    return mail.destination.map((address) => one(address));
  }
  if (click) {
    const one = of('clicked', id, click.timestamp);
    return mail.destination.map((address) => one(address));
  }
  return [];
}

/** SES gives mails an id of its own; the one they were sent with stands among the original headers. */
const originalId = ({ headers = [], commonHeaders }: Event['mail']): string | undefined =>
  headers.find(({ name }) => name.toLowerCase() === 'message-id')?.value ??
  commonHeaders?.messageId;

/** Amazon SES, whose events come by SNS. A new subscription to one of the topics is confirmed. */
export const ses: WebhookAdapter = {
  name: 'ses',
  brandless: true,
  secretless: true,
  open: (_connection, options) => {
    const { topics } = parseWith(Options, options);
    const isSigned = snsSignatures(fetchText);
    return {
      isAuthentic: async ({ body }, now) => {
        const message = SnsMessage.safeParse(jsonOf(body)).data;
        if (!message || !topics.includes(message.TopicArn)) return false;
        return isSigned(message, now).catch((error: unknown) => {
          throw unreachable('the certificate', error);
        });
      },
      read: (payload): Reading => {
        const message = parseWith(SnsMessage, payload);
        if (message.Type === 'UnsubscribeConfirmation')
          return { kind: 'ignored', why: 'unsubscribed' };
        if (message.Type === 'SubscriptionConfirmation') return handshake(message);
        const event = parsePayload(message.Message, { maxBytes: bodyLimits.one });
        return told(said(parseWith(Event, event), message.MessageId));
      },
    };
  },
};

/** SNS tries again. */
const unreachable = (what: string, cause: unknown) =>
  new HttpError(503, 'sns-unreachable', `${what} of SNS can’t be fetched`, {
    retryAfter: 30,
    cause,
  });

function handshake({ SubscribeURL }: SnsMessage): Reading {
  if (!isOfSns(SubscribeURL))
    return {
      kind: 'malformed',
      problems: [{ path: 'SubscribeURL', message: 'must be an address of SNS' }],
    };
  return {
    kind: 'handshake',
    confirm: async () => {
      await fetchText(SubscribeURL).catch((error: unknown) => {
        throw unreachable('the address that confirms a subscription', error);
      });
    },
  };
}
