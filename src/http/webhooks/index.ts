import type { WebhookAdapter } from './adapter.ts';
import { feedback } from './feedback/feedback.ts';
import { mailgun } from './feedback/mailgun.ts';
import { postmark } from './feedback/postmark.ts';
import { sendgrid } from './feedback/sendgrid.ts';
import { ses } from './feedback/ses.ts';
import { generic } from './generic.ts';
import { shopify } from './shopify.ts';

/** Every kind of sender that is understood; a new one is a file and a line here. */
export const adapters: readonly WebhookAdapter[] = [
  shopify,
  generic,
  ses,
  sendgrid,
  postmark,
  mailgun,
  feedback,
];
