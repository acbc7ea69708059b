// Receipts one at a time, while a campaign's mails are sent beside them, or while nothing is.
import { setTimeout as sleep } from 'node:timers/promises';

import { fillCampaign } from '../campaign-messages.ts';
import { sampleMail } from '../sample.ts';
import { openLaurel } from './open-laurel.ts';
import { readSpec, tell } from './protocol.ts';

const spec = readSpec();
const { order } = await sampleMail(spec.mail);
const waiting = new Map<string, () => void>();
const early = new Set<string>();
const { app, close } = await openLaurel(
  spec,
  (messageId) => {
    const done = waiting.get(messageId);
    if (done) done();
    else early.add(messageId);
  },
  async ({ databaseUrl }) => {
    if (spec.beside > 0 && databaseUrl !== undefined) await fillCampaign(databaseUrl, spec.beside);
  },
);

const campaignLeft = async () => {
  const { rows } = await app.pool.query<{ left: number }>(
    `select count(*)::int as left from messages where campaign_id is not null and state <> 'sent'`,
  );
  return rows[0]?.left ?? 0;
};
const leftBefore = await campaignLeft();
const times: number[] = [];
const cpu = process.cpuUsage();
const startedAt = performance.now();
for (let n = 0; n < spec.warmUp + spec.mails; n += 1) {
  const acceptedAt = performance.now();
  const { id } = await app.producer.enqueue(order(n));
  if (!early.delete(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
  waiting.delete(id);
  times.push(performance.now() - acceptedAt);
  await sleep(10 + (n % 7) * 5);
}
const used = process.cpuUsage(cpu);
const elapsedMs = performance.now() - startedAt;
const left = await campaignLeft();
// A campaign that is over before the receipts are was no load.
if (spec.beside > 0 && left === 0)
  throw new Error('the campaign was over first; take more of its mails');
await tell({
  kind: 'measured',
  cpuMs: (used.user + used.system) / 1000,
  elapsedMs,
});
await close();
await tell({
  kind: 'details',
  times: times.slice(spec.warmUp),
  besideASecond: (1_000 * (leftBefore - left)) / elapsedMs,
});
process.disconnect();
