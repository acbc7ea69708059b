// The whole of Laurel's sending, from jobs (or accepted rows) that are there already.
import { Client } from 'pg';

import { openQueueBackend } from '../../queues/backend.ts';
import { queueNames } from '../../queues/names.ts';
import { openProducer } from '../../queues/producer.ts';
import type { Config } from '../../src/config.ts';
import { takeDue } from '../../src/delivery/due.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { templates } from '../../templates/index.ts';
import { sampleMail } from '../sample.ts';
import { openGauge } from './gauge.ts';
import { openLaurel } from './open-laurel.ts';
import { readSpec, tell } from './protocol.ts';

const spec = readSpec();
const asked = countStatements();
const gauge = openGauge(spec);
const { app, close } = await openLaurel(spec, gauge.done, fill);
const { profile } = await gauge.finished;
const measured = await app.metrics.steps.get();
const { statements, claims } = asked;
await close();
const mails = spec.warmUp + spec.mails;
await tell({
  kind: 'details',
  steps: stepsOf(measured.values),
  asked: { statementsAMail: statements / mails, messagesAClaim: mails / claims },
  ...(profile && { profile }),
});
process.disconnect();

/** Accepts all messages and, where asked, gives them their jobs, before anyone works them off. */
async function fill({ databaseUrl = '', redisUrl, queuePrefix, tenant }: Config): Promise<void> {
  const { order } = await sampleMail(spec.mail);
  const pool = openPool(databaseUrl);
  const backend = await openQueueBackend({ redisUrl, databaseUrl, prefix: queuePrefix });
  const producer = openProducer({ pool, templates, tenant, brands: ['juniper', 'kestrel'] });
  const queue = backend.openQueue(queueNames.transactional);
  const total = spec.warmUp + spec.mails;
  const chunk = 500;
  for (let from = 0; from < total; from += chunk) {
    const count = Math.min(chunk, total - from);
    await producer.enqueueMany(Array.from({ length: count }, (_, at) => order(from + at)));
    if (!spec.fromRows) await queue.add(await takeDue(pool, 'transactional', chunk));
  }
  await queue.close();
  await backend.close();
  await pool.end();
  Object.assign(asked, { statements: 0, claims: 0 });
}

/** Counts what goes to Postgres on the application's connections, from when all jobs are there. */
function countStatements(): { statements: number; claims: number } {
  const counts = { statements: 0, claims: 0 };
  const send: (...args: unknown[]) => unknown = Reflect.get(Client.prototype, 'query');
  const counted = function (this: unknown, ...args: unknown[]): unknown {
    const [query] = args;
    counts.statements += 1;
    if (
      typeof query === 'object' &&
      query !== null &&
      Reflect.get(query, 'name') === 'claim-messages'
    )
      counts.claims += 1;
    return Reflect.apply(send, this, args);
  };
  Reflect.set(Client.prototype, 'query', counted);
  return counts;
}

type Value = (typeof measured)['values'][number];

/** Average milliseconds by step. */
function stepsOf(values: readonly Value[]): Record<string, number> {
  const of = (name: string) =>
    new Map(
      values
        .filter(({ metricName }) => metricName === `laurel_step_seconds_${name}`)
        .map(({ labels, value }) => [String(labels.step), value]),
    );
  const counts = of('count');
  return Object.fromEntries(
    [...of('sum')].map(([step, sum]) => [step, (1000 * sum) / (counts.get(step) ?? 1)]),
  );
}
