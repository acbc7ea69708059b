import { UnrecoverableError } from 'bullmq';
import { bulkhead } from 'cockatiel';

import type { Lane } from '../src/contract/message.ts';
import type { JobWorker, QueueBackend } from './backend.ts';
import { heartbeat, messagesOf, queueNames, SendJob } from './names.ts';

/**
 * Works off a lane. What `deliver` throws may heal, so the queue tries the job again; of its messages, those that were done are
 * nobody's any more then.
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
    /** These were not begun, and won't be: it closes. */
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
    const notBegun: string[] = [];
    const ended = await Promise.allSettled(
      messagesOf(job.data).map((messageId) =>
        inHand.execute(() => (closing ? notBegun.push(messageId) : deliver(messageId))),
      ),
    );
    if (notBegun.length > 0) await options.giveBack(notBegun);
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const worker = backend.openWorker(queueNames[lane], work, options);
  return {
    close: () => {
      closing = true;
      return worker.close();
    },
  };
}
