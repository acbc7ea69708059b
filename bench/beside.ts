import { atMost, type Findings, ms } from './report.ts';
import { runOnce } from './run-process.ts';
import type { Services } from './services.ts';
import { quantile } from './statistics.ts';

const mails = 300;
const warmUp = 30;

/** Receipts while a campaign's mails are sent, against receipts alone: from the producer's call to their record. */
export async function measureBeside(beside: number, services: Services): Promise<Findings> {
  const backends = services.redisUrl === null ? ['Postgres'] : ['Redis', 'Postgres'];
  const results: { backend: string; campaign: number; p50: number; p99: number }[] = [];
  for (const backend of backends)
    for (const campaign of [0, beside]) {
      const { details } = await runOnce('beside', services, {
        redisUrl: backend === 'Redis' ? services.redisUrl : null,
        warmUp,
        mails,
        mail: 'mjml',
        fromRows: true,
        profile: false,
        beside: campaign,
      });
      const times = details.times ?? [];
      results.push({ backend, campaign, p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
    }
  return {
    title: 'Receipts beside a campaign',
    note: `${mails} order confirmations, one at a time, alone and while ${beside.toLocaleString('en')} campaign mails wait and are sent`,
    table: [
      ['queue', 'campaign mails', 'p50', 'p99'],
      ...results.map(({ backend, campaign, p50, p99 }) => [
        backend,
        campaign.toLocaleString('en'),
        ms(p50),
        ms(p99),
      ]),
    ],
    targets: backends.map((backend) => {
      const [alone, busy] = results.filter((one) => one.backend === backend);
      const ratio = (busy?.p99 ?? Number.NaN) / (alone?.p99 ?? Number.NaN);
      return atMost(`Receipts beside a campaign on ${backend}, p99 against alone`, ratio, 2, '×');
    }),
    figures: { mails, beside, results },
  };
}
