import { openDryRun } from '../app/dry-run.ts';
import { type Campaign, findCampaign } from '../campaign/campaigns.ts';
import type { Chosen } from '../campaign/chosen.ts';
import { preflight } from '../campaign/preflight.ts';
import type { Outcome, Preflight } from '../contract/preflight.ts';
import { PermanentError } from '../core/errors.ts';
import { liveVersionOf } from '../render/version/template-versions.ts';
import { draftCampaign, type DraftOptions } from './campaign-draft.ts';
import { titleOf } from './campaign-status.ts';
import { UsageError } from './failure.ts';
import type { BrandsSession } from './session.ts';
import { count, print } from './terminal.ts';

export type PreflightOptions = {
  readonly sample: string;
  readonly all?: boolean;
  readonly json?: boolean;
};

/** A campaign to look at; of one that isn't stored, with its audience. */
type Looked = {
  readonly campaign: Campaign;
  readonly audience?: AsyncIterable<readonly Chosen[]>;
};

/** Looks at a stored campaign. */
export async function preflightStored(
  id: string,
  options: PreflightOptions,
  session: BrandsSession,
): Promise<void> {
  const campaign = await findCampaign(session.pool, session.tenant, id);
  if (!campaign) throw new PermanentError('unknown-campaign', `there is no campaign ${id}`);
  await showPreflight({ campaign }, options, session);
}

/** Looks at a campaign that isn't there: nothing is stored. */
export async function preflightOf(
  template: string,
  options: PreflightOptions & DraftOptions,
  session: BrandsSession,
): Promise<void> {
  const draft = await draftCampaign(template, options, session);
  try {
    await showPreflight(draft, options, session);
  } finally {
    await draft.close();
  }
}

/** @throws PermanentError `preflight-failed` where something is broken for anybody who was looked at */
async function showPreflight(
  { campaign, audience }: Looked,
  options: PreflightOptions,
  session: BrandsSession,
): Promise<void> {
  const { pool, tenant, brands, templates, now } = session;
  const sample = Number(options.sample);
  if (!Number.isInteger(sample) || sample < 1 || sample > 10_000)
    throw new UsageError(
      '--sample must be a whole number from 1 to 10000; --all looks at everybody',
    );
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
      other: templates.find(({ name }) => name === campaign.alternative?.template),
      liveVersionOf: (name: string) => liveVersionOf(pool, tenant, name),
    };
    const found = await preflight(campaign, parts, options.all ? null : sample, audience);
    if (options.json)
      await print(JSON.stringify({ campaignId: audience ? null : campaign.id, ...found }, null, 2));
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
  const { audience, lookedAt, willSend, tooLittle, bytes, estimatedSeconds } = found;
  await print(title);
  await print(`looked at ${lookedAt.toLocaleString('en')} of ${count(audience, 'member')}`);
  await line('will be sent', willSend);
  if (tooLittle) await line('  of them the small review', tooLittle);
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
