import { UnrecoverableError } from 'bullmq';

import type { Lane } from '../src/contract/message.ts';
import type { JobWorker, QueueBackend } from './backend.ts';
import { heartbeat, queueNames, SendJob } from './names.ts';

/** Works off a lane. What `deliver` throws may heal, so the queue tries the job again. */
export function startSendWorker(
  backend: QueueBackend,
  lane: Lane,
  deliver: (messageId: string) => Promise<unknown>,
  options: {
    readonly concurrency: number;
    readonly onError: (error: Error) => void;
    /** A job came up, of whatever kind: the queue is alive. */
    readonly onJob: () => void;
  },
): JobWorker {
  const work = async ({ name, data }: { readonly name: string; readonly data: unknown }) => {
    options.onJob();
    if (name === heartbeat) return;
    const job = SendJob.safeParse(data);
    if (!job.success) throw new UnrecoverableError(`not a send job: ${job.error.message}`);
    await deliver(job.data.messageId);
  };
  return backend.openWorker(queueNames[lane], work, options);
}
