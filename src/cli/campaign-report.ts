import { findCampaign } from '../campaign/campaigns.ts';
import { type Arm, reportCampaign } from '../campaign/report.ts';
import { PermanentError } from '../core/errors.ts';
import { titleOf } from './campaign-status.ts';
import { UsageError } from './failure.ts';
import type { BrandsSession } from './session.ts';
import { count, print } from './terminal.ts';

/** Prints what a campaign brought about. */
export async function showReport(
  id: string,
  options: { readonly days: string; readonly json?: boolean },
  { pool, tenant, brands }: BrandsSession,
): Promise<void> {
  const days = Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > 366)
    throw new UsageError('--days must be a whole number from 1 to 366');
  const campaign = await findCampaign(pool, tenant, id);
  if (!campaign) throw new PermanentError('unknown-campaign', `there is no campaign ${id}`);
  const brand = brands.get(campaign.brand)?.brand;
  if (!brand) throw new PermanentError('unknown-brand', `there is no brand "${campaign.brand}"`);
  const report = await reportCampaign(pool, campaign, {
    days,
    currency: brand.programme.currency,
  });
  if (options.json) return print(JSON.stringify({ campaignId: id, ...report }, null, 2));
  await print(titleOf(campaign));
  for (const [kind, n] of Object.entries(report.feedback))
    await print(`  ${kind.padEnd(14)} ${n.toLocaleString('en')}`);
  const arm = (name: string, one: Arm) =>
    print(
      `  ${name.padEnd(14)} ${count(one.members, 'member')}, ${percent(one.buyers)} bought within ${count(days, 'day')}, ${one.purchasesPerMember.toFixed(2)} purchases and ${one.spendPerMember.toFixed(0)} (${report.currency}, minor units) each`,
    );
  await arm('written to', report.treated);
  await arm('kept out', report.holdout);
  const { buyers, spendPerMember } = report.difference;
  if (!buyers || !spendPerMember)
    return print('  difference     not known: fewer than 30 members are in one of the two');
  await print(
    `  difference     buyers ${percent(buyers.value)} (95 %: ${percent(buyers.from)} to ${percent(buyers.to)}), spend ${spendPerMember.value.toFixed(0)} (${spendPerMember.from.toFixed(0)} to ${spendPerMember.to.toFixed(0)})`,
  );
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
