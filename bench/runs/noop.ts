// BullMQ with nothing to do: the rate its queue itself allows.
import { openBareQueue } from './bare-queue.ts';
import { openGauge } from './gauge.ts';
import { readSpec, tell } from './protocol.ts';

const spec = readSpec();
const queue = await openBareQueue(spec);
await queue.fill(Array.from({ length: spec.warmUp + spec.mails }, (_, n) => ({ n })));
const gauge = openGauge(spec);
queue.work(async () => gauge.done());
const { profile } = await gauge.finished;
await queue.close();
await tell({ kind: 'details', ...(profile && { profile }) });
process.disconnect();
