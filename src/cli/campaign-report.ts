import type { Arm, ArmDifferences } from '../campaign/arms.ts';
import { findCampaign } from '../campaign/campaigns.ts';
import type { Difference } from '../campaign/difference.ts';
import { reportCsv } from '../campaign/report-csv.ts';
import { reportCampaign } from '../campaign/report.ts';
import { shortHash } from '../contract/template-version.ts';
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
  await compared('difference', report.difference);
  if (!report.alternatives) return;
  const { a, b, difference } = report.alternatives;
  for (const [name, side] of [
    ['A', a],
    ['B', b],
  ] as const)
    await print(
      `  ${name.padEnd(14)} ${side.template}${side.pinnedVersion === null ? '' : ` ${shortHash(side.pinnedVersion)}`}: ${count(side.sent, 'mail')} sent, ${side.clicked.toLocaleString('en')} clicked, ${side.unsubscribed.toLocaleString('en')} unsubscribed; ${percent(side.buyers)} bought`,
    );
  if (difference.clicked)
    await print(`  ${'B less A'.padEnd(14)} clicked ${interval(difference.clicked, percent)}`);
  await compared('B less A', difference);
}

type Known = NonNullable<Difference>;

const interval = ({ value, from, to }: Known, words: (value: number) => string) =>
  `${words(value)} (95 %: ${words(from)} to ${words(to)})`;

async function compared(
  name: string,
  { buyers, spendPerMember, redeemers }: ArmDifferences,
): Promise<void> {
  const says =
    buyers && spendPerMember && redeemers
      ? `buyers ${interval(buyers, percent)}, spend ${interval(spendPerMember, (value) => value.toFixed(0))}, redeemers ${interval(redeemers, percent)}`
      : 'not known: fewer than 30 members are in one of the two';
  await print(`  ${name.padEnd(14)} ${says}`);
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
