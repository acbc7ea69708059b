import { UnrecoverableError } from 'bullmq';
import { bulkhead } from 'cockatiel';

import type { Lane } from '../src/contract/message.ts';
import type { JobWorker, QueueBackend } from './backend.ts';
import { heartbeat, messagesOf, queueNames, SendJob } from './names.ts';

/**
 * Works off a lane. What `deliver` throws may heal: the queue tries the job again, or, where others share it that are done, the
 * message alone is given back.
 */
export function startSendWorker(
  backend: QueueBackend,
  lane: Lane,
  deliver: (messageId: string) => Promise<unknown>,
  options: {
    /** Messages in hand at once; what further ones the jobs taken name waits here. */
    readonly concurrency: number;
    readonly onError: (error: Error) => void;
    /** A job came up, of whatever kind: the queue is alive. */
    readonly onJob: () => void;
    /** These of a job that others shared are not done: they couldn't be begun, or it closes. They are due again. */
    readonly giveBack: (messageIds: readonly string[]) => Promise<void>;
  },
): JobWorker {
  const inHand = bulkhead(options.concurrency, Infinity);
  let closing = false;
  const work = async ({ name, data }: { readonly name: string; readonly data: unknown }) => {
    options.onJob();
    if (name === heartbeat) return;
    const job = SendJob.safeParse(data);
    if (!job.success) throw new UnrecoverableError(`not a send job: ${job.error.message}`);
    const ids = messagesOf(job.data);
    const left: string[] = [];
    let reason: unknown = new Error('the worker closes');
    const begin = async (id: string) => {
      if (closing) left.push(id);
      else
        await deliver(id).catch((error: unknown) => {
          left.push(id);
          reason = error;
        });
    };
    await Promise.all(ids.map((id) => inHand.execute(() => begin(id))));
    if (left.length === 0) return;
    // A job that is named after its message is in the way of another for it until it has ended.
    if (ids.length === 1) throw reason;
    await options.giveBack(left);
  };
  const worker = backend.openWorker(queueNames[lane], work, options);
  return {
    close: () => {
      closing = true;
      return worker.close();
    },
  };
}
