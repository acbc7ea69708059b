import { UnrecoverableError } from 'bullmq';

import type { Lane } from '../src/core/message.ts';
import type { QueueBackend } from './backend.ts';
import { queueNames, SendJob } from './names.ts';

export type SendWorker = {
  /** Stops taking jobs and waits for those in hand; their messages are recorded when this returns. */
  readonly close: () => Promise<void>;
};

/** Works off a lane. The only file that knows BullMQ's errors: what `deliver` throws may heal, so BullMQ retries it. */
export function startSendWorker(
  backend: QueueBackend,
  lane: Lane,
  deliver: (messageId: string) => Promise<void>,
  options: { readonly concurrency: number; readonly onError: (error: Error) => void },
): SendWorker {
  const worker = backend.openWorker(
    queueNames[lane],
    async ({ data }) => {
      const job = SendJob.safeParse(data);
      if (!job.success) throw new UnrecoverableError(`not a send job: ${job.error.message}`);
      await deliver(job.data.messageId);
    },
    { concurrency: options.concurrency },
  );
  worker.on('error', options.onError);
  worker.on('failed', (_job, error) => options.onError(error));
  return { close: () => worker.close() };
}
