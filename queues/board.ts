import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BullBoardQueues } from '@bull-board/api/typings/app';
import { z } from 'zod';

import type { QueueBackend } from './backend.ts';
import { lanes, queueNames } from './names.ts';

/** What a job may show; a heartbeat names no message. Whatever else somebody put into a queue stays there. */
const Shown = z.object({ messageId: z.union([z.uuid(), z.literal('')]) });

/** The queues as Bull Board shows them, for looking only. */
export async function openBoard(
  backend: Pick<QueueBackend, 'openBullQueue'>,
): Promise<{ readonly queues: BullBoardQueues; readonly close: () => Promise<void> }> {
  const opened = await Promise.all(lanes.map((lane) => backend.openBullQueue(queueNames[lane])));
  const queues: BullBoardQueues = new Map(
    opened.map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true });
      adapter.setFormatter('data', (data) => Shown.safeParse(data).data ?? {});
      return [queue.name, adapter];
    }),
  );
  return {
    queues,
    close: async () => {
      await Promise.all(opened.map((queue) => queue.close()));
    },
  };
}
