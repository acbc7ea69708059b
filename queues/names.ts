import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Lane } from '../src/contract/message.ts';

/** One queue a lane, so that a receipt never waits behind a campaign. Same names on every backend. */
export const queueNames: Record<Lane, string> = {
  transactional: 'laurel-send',
  campaign: 'laurel-campaign',
};
export const lanes: readonly Lane[] = ['transactional', 'campaign'];

/** A job names messages and nothing else: what a mail says is looked up when it is sent. */
export const SendJob = z.union([
  z.strictObject({ messageId: z.uuid() }),
  z.strictObject({ messageIds: z.array(z.uuid()).min(1) }),
]);
export type SendJob = z.infer<typeof SendJob>;

/** The messages a job names. */
export const messagesOf = (job: SendJob): readonly string[] =>
  'messageId' in job ? [job.messageId] : job.messageIds;

/** Messages a job has at most: a queue's work is one for each job, however many messages that names. */
export const jobSize = 10;

/**
 * The jobs for these messages. Where few are due, each has its own, which is named after it, so that adding it twice does
 * nothing. A job of several is its own: what is in two of them is sent once, because it is claimed once.
 */
export function jobsFor(
  messageIds: readonly string[],
): { readonly jobId: string; readonly data: SendJob }[] {
  if (messageIds.length < 2 * jobSize)
    return messageIds.map((messageId) => ({ jobId: messageId, data: { messageId } }));
  return Array.from({ length: Math.ceil(messageIds.length / jobSize) }, (_, nth) => ({
    jobId: randomUUID(),
    data: { messageIds: messageIds.slice(nth * jobSize, (nth + 1) * jobSize) },
  }));
}

/** The name of jobs that carry no message. */
export const heartbeat = 'heartbeat';
