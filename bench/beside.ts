import type { Options } from './options.ts';
import { atMost, type Findings, ms, short } from './report.ts';
import { runOnce } from './run-process.ts';
import type { Services } from './services.ts';
import { median, quantile } from './statistics.ts';

const rounds = 3;
const mails = 300;
/** Until each template of the campaign was used in each language: later than that nothing is done for the first time. */
const warmUp = 150;

/** Receipts while a campaign's mails are sent, against receipts alone, in turn: from the producer's call to their record. */
export async function measureBeside(
  { beside, backend }: Pick<Options, 'beside' | 'backend'>,
  services: Services,
): Promise<Findings> {
  const queues = (['redis', 'postgres'] as const).filter(
    (queue) => (queue === 'postgres' || services.redisUrl !== null) && queue === (backend ?? queue),
  );
  const results: {
    readonly queue: string;
    readonly campaign: number;
    readonly besideASecond: number;
    readonly p50: number;
    readonly p99: number;
  }[] = [];
  for (const queue of queues) {
    const runs = [0, beside].map((campaign) => ({
      queue,
      campaign,
      times: [] as number[],
      besideASecond: [] as number[],
    }));
    for (let round = 0; round < rounds; round += 1)
      for (const run of runs) {
        const { details } = await runOnce('beside', services, {
          redisUrl: queue === 'redis' ? services.redisUrl : null,
          warmUp,
          mails,
          mail: 'mjml',
          fromRows: true,
          profile: false,
          beside: run.campaign,
        });
        run.times.push(...(details.times ?? []));
        run.besideASecond.push(details.besideASecond ?? Number.NaN);
      }
    for (const { times, besideASecond, ...run } of runs)
      results.push({
        ...run,
        besideASecond: median(besideASecond),
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
      });
  }
  return {
    title: 'Receipts beside a campaign',
    note: `${rounds} rounds of ${mails} order confirmations, one at a time, alone and while ${beside.toLocaleString('en')} campaign mails wait and are sent`,
    table: [
      ['queue', 'campaign mails', 'of them sent', 'receipts p50', 'p99'],
      ...results.map(({ queue, campaign, besideASecond, p50, p99 }) => [
        queue,
        campaign.toLocaleString('en'),
        campaign === 0 ? '' : `${short(besideASecond)}/s`,
        ms(p50),
        ms(p99),
      ]),
    ],
    targets: queues.map((queue) => {
      const [alone, busy] = results.filter((one) => one.queue === queue);
      const ratio = (busy?.p99 ?? Number.NaN) / (alone?.p99 ?? Number.NaN);
      return atMost(`Receipts beside a campaign on ${queue}, p99 against alone`, ratio, 2, '×');
    }),
    figures: { mails, beside, results },
  };
}
