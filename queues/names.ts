import { z } from 'zod';

import type { Lane } from '../src/contract/message.ts';

/** One queue a lane, so that a receipt never waits behind a campaign. Same names on every backend. */
export const queueNames: Record<Lane, string> = {
  transactional: 'laurel-send',
  campaign: 'laurel-campaign',
};
export const lanes: readonly Lane[] = ['transactional', 'campaign'];

/** A job names a message and nothing else: what the mail says is looked up when it is sent. */
export const SendJob = z.strictObject({ messageId: z.uuid() });
export type SendJob = z.infer<typeof SendJob>;

/** The name of jobs that carry no message. */
export const heartbeat = 'heartbeat';
