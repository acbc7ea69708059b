import { findCampaign } from '../campaign/campaigns.ts';
import { reportCsv } from '../campaign/report-csv.ts';
import { type Arm, reportCampaign } from '../campaign/report.ts';
import { PermanentError } from '../core/errors.ts';
import { titleOf } from './campaign-status.ts';
import type { BrandsSession } from './session.ts';
import { figureLines } from './stats.ts';
import { count, print } from './terminal.ts';

export type ReportOptions = {
  readonly days: number;
  readonly json?: boolean;
  readonly csv?: boolean;
};

/** Prints what a campaign brought about. */
export async function showReport(
  id: string,
  { days, json, csv }: ReportOptions,
  { pool, tenant, brands }: BrandsSession,
): Promise<void> {
  const campaign = await findCampaign(pool, tenant, id);
  if (!campaign) throw new PermanentError('unknown-campaign', `there is no campaign ${id}`);
  const brand = brands.get(campaign.brand)?.brand;
  if (!brand) throw new PermanentError('unknown-brand', `there is no brand "${campaign.brand}"`);
  const report = await reportCampaign(pool, campaign, {
    days,
    currency: brand.programme.currency,
  });
  if (csv) return print(reportCsv(report).trimEnd());
  if (json) return print(JSON.stringify({ campaignId: id, ...report }, null, 2));
  await print(titleOf(campaign));
  for (const line of figureLines(report.mails)) await print(`  ${line}`);
  const arm = (name: string, one: Arm) =>
    print(
      `  ${name.padEnd(14)} ${count(one.members, 'member')}, ${percent(one.buyers)} bought and ${percent(one.redeemers)} redeemed within ${count(days, 'day')}, ${one.purchasesPerMember.toFixed(2)} purchases and ${one.spendPerMember.toFixed(0)} (${report.currency}, minor units) each`,
    );
  await arm('written to', report.treated);
  await arm('kept out', report.holdout);
  const { buyers, spendPerMember, redeemers } = report.difference;
  if (!buyers || !spendPerMember || !redeemers)
    return print('  difference     not known: fewer than 30 members are in one of the two');
  await print(
    `  difference     buyers ${percent(buyers.value)} (95 %: ${percent(buyers.from)} to ${percent(buyers.to)}), spend ${spendPerMember.value.toFixed(0)} (${spendPerMember.from.toFixed(0)} to ${spendPerMember.to.toFixed(0)}), redeemers ${percent(redeemers.value)} (${percent(redeemers.from)} to ${percent(redeemers.to)})`,
  );
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
