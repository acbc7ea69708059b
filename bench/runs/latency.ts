// An idle system that gets one message at a time: how long from accepting it to the mail server having it.
import { setTimeout as sleep } from 'node:timers/promises';

import { sampleMail } from '../sample.ts';
import { openLaurel } from './open-laurel.ts';
import { readSpec, tell } from './protocol.ts';

const spec = readSpec();
const { order } = await sampleMail(spec.mail);
let arrived = () => {};
const { app, close } = await openLaurel(spec, () => arrived());

const accepted: number[] = [];
const cpu = process.cpuUsage();
const startedAt = performance.now();
for (let n = 0; n < spec.warmUp + spec.mails; n += 1) {
  const sent = new Promise<void>((resolve) => (arrived = resolve));
  accepted.push(performance.timeOrigin + performance.now());
  await app.producer.enqueue(order(n));
  await sent;
  await sleep(10 + (n % 7) * 5);
}
const used = process.cpuUsage(cpu);
await tell({
  kind: 'measured',
  cpuMs: (used.user + used.system) / 1000,
  elapsedMs: performance.now() - startedAt,
});
await close();
await tell({ kind: 'details', accepted });
process.disconnect();
