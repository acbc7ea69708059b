import { atMost, type Findings, ms } from './report.ts';
import { runOnce } from './run-process.ts';
import type { Services } from './services.ts';
import { quantile } from './statistics.ts';

const mails = 150;
const warmUp = 30;

/** From the producer's call to the mail server having the mail, one message at a time, on both queues. */
export async function measureLatency(services: Services): Promise<Findings> {
  const backends = services.redisUrl === null ? ['Postgres'] : ['Redis', 'Postgres'];
  const results = [];
  for (const backend of backends) {
    const { details, arrivals } = await runOnce('latency', services, {
      redisUrl: backend === 'Redis' ? services.redisUrl : null,
      warmUp,
      mails,
      mail: 'mjml',
      fromRows: true,
      profile: false,
    });
    const times = (details.accepted ?? [])
      .map((accepted, nth) => (arrivals[nth] ?? Number.NaN) - accepted)
      .slice(warmUp);
    results.push({ backend, p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
  }
  return {
    title: 'Latency',
    note: `${mails} order confirmations, one at a time; from the call of enqueue() to the last byte at the mail server`,
    table: [
      ['queue', 'p50', 'p99'],
      ...results.map(({ backend, p50, p99 }) => [backend, ms(p50), ms(p99)]),
    ],
    targets: results
      .filter(({ backend }) => backend === 'Redis')
      .map(({ p99 }) => atMost('Accepted to handed over on Redis, p99', p99, 100, 'ms')),
    figures: { mails, results },
  };
}
