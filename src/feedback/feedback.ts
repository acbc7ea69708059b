import { z } from 'zod';

import { Instant } from '../core/instant.ts';

/**
 * What may be told of a mail. `delayed`: its server still tries. `soft-bounce`: not taken this time, for a reason that may pass
 * (full, blocked, too large). `hard-bounce`: nobody is there.
 */
export const feedbackKinds = [
  'delivered',
  'delayed',
  'soft-bounce',
  'hard-bounce',
  'complaint',
  'unsubscribed',
  'clicked',
] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

const filled = (most: number) => z.string().min(1).max(most);

/** One thing told of one mail, in the form in which anybody may tell it. */
export const Feedback = z
  .strictObject({
    id: filled(255).describe('Of this event; told again it changes nothing.'),
    kind: z.enum(feedbackKinds),
    at: Instant,
    messageId: z
      .string()
      .max(998)
      .optional()
      .describe('The id of the message, or the `Message-ID` header of the mail.'),
    address: z.string().max(1000).optional().describe('Whom the mail was for.'),
    detail: z.string().max(4000).optional().describe('What the other side said.'),
  })
  .refine(({ messageId, address }) => messageId !== undefined || address !== undefined, {
    message: 'needs messageId or address',
    path: ['messageId'],
  });
export type Feedback = z.output<typeof Feedback>;

/** The id that Laurel gave a mail, out of its `Message-ID` header or by itself; null for mails of others. */
export function messageIdIn(text: string | undefined): string | null {
  const found = /^\s*<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@[^\s<>]*)?>?\s*$/i.exec(
    text ?? '',
  );
  return found?.[1]?.toLowerCase() ?? null;
}

/** What servers say, fit to be kept: one line, and nobody's address in it. */
export const keptDetail = (detail: string): string =>
  detail
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/<?[^\s<>"'(),;:]+@[^\s<>"'(),;:]+>?/gu, '<address>')
    .trim()
    .slice(0, 500);
