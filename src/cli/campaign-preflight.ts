import { openDryRun } from '../app/dry-run.ts';
import { findCampaign } from '../campaign/campaigns.ts';
import { type Outcome, preflight, type Preflight } from '../campaign/preflight.ts';
import { PermanentError } from '../core/errors.ts';
import { liveVersionOf } from '../render/version/template-versions.ts';
import { titleOf } from './campaign-status.ts';
import { UsageError } from './failure.ts';
import type { BrandsSession } from './session.ts';
import { count, print } from './terminal.ts';

export type PreflightOptions = {
  readonly sample: string;
  readonly all?: boolean;
  readonly json?: boolean;
};

/** @throws PermanentError `preflight-failed` where something is broken for anybody who was looked at */
export async function showPreflight(
  id: string,
  options: PreflightOptions,
  session: BrandsSession,
): Promise<void> {
  const { pool, tenant, brands, templates, now } = session;
  const sample = Number(options.sample);
  if (!Number.isInteger(sample) || sample < 1 || sample > 10_000)
    throw new UsageError(
      '--sample must be a whole number from 1 to 10000; --all looks at everybody',
    );
  const campaign = await findCampaign(pool, tenant, id);
  if (!campaign) throw new PermanentError('unknown-campaign', `there is no campaign ${id}`);
  const brand = brands.get(campaign.brand)?.brand;
  if (!brand) throw new PermanentError('unknown-brand', `there is no brand "${campaign.brand}"`);
  const template = templates.find(({ name }) => name === campaign.template);
  if (!template)
    throw new PermanentError('unknown-template', `there is no template "${campaign.template}"`);
  const dry = await openDryRun(session);
  try {
    const parts = {
      pool,
      brand,
      template,
      now,
      attempt: dry.attempt,
      liveVersion: await liveVersionOf(pool, tenant, template.name),
    };
    const found = await preflight(campaign, parts, options.all ? null : sample);
    if (options.json) await print(JSON.stringify({ campaignId: id, ...found }, null, 2));
    else await tell(titleOf(campaign), found);
    const errors = Object.values(found.errors).reduce((sum, one) => sum + one.count, 0);
    if (errors > 0)
      throw new PermanentError(
        'preflight-failed',
        `${count(errors, 'mail')} could not be made; put that right before it is started`,
      );
  } finally {
    await dry.close();
  }
}

const line = (name: string, { count: n, examples, error }: Outcome) =>
  print(
    `  ${name.padEnd(34)} ${n.toLocaleString('en').padStart(9)}  ${examples.join(', ')}${error === null ? '' : `: ${error}`}`,
  );

async function tell(title: string, found: Preflight): Promise<void> {
  const { audience, lookedAt, willSend, tooLittleData, bytes, estimatedSeconds } = found;
  await print(title);
  await print(`looked at ${lookedAt.toLocaleString('en')} of ${count(audience, 'member')}`);
  await line('will be sent', willSend);
  if (tooLittleData !== null)
    await print(
      `  ${'  of them the small review'.padEnd(34)} ${String(tooLittleData).padStart(9)}`,
    );
  for (const group of ['held', 'suppressed', 'errors'] as const)
    for (const [reason, outcome] of Object.entries(found[group]))
      await line(`${group === 'errors' ? 'broken' : group}: ${reason}`, outcome);
  if (bytes)
    await print(
      `a mail has ${kilobytes(bytes.mean)}, at least ${kilobytes(bytes.smallest)}, at most ${kilobytes(bytes.largest)}`,
    );
  for (const { offerId, needed, free } of found.coupons)
    await print(
      `codes of ${offerId}: about ${needed.toLocaleString('en')} needed, ${free.toLocaleString('en')} free${free < needed ? '; mails beyond them go without the offer' : ''}`,
    );
  await print(`making all of them takes about ${duration(estimatedSeconds)} on one worker`);
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

const duration = (seconds: number) =>
  seconds < 90
    ? count(Math.ceil(seconds), 'second')
    : seconds < 5_400
      ? count(Math.ceil(seconds / 60), 'minute')
      : count(Math.ceil(seconds / 3_600), 'hour');
