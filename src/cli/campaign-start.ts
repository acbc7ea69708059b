import { type Campaign, changeCampaign, findCampaign } from '../campaign/campaigns.ts';
import { PermanentError } from '../core/errors.ts';
import { transaction } from '../postgres/pool.ts';
import { createCampaignOf } from './campaign-create.ts';
import type { CreateOptions } from './campaign-options.ts';
import { titleOf } from './campaign-status.ts';
import { campaignIdOf, isId } from './message-id.ts';
import type { BrandsSession, Session } from './session.ts';
import { note, print } from './terminal.ts';

export type StartOptions = CreateOptions & { readonly paused?: boolean };

/** Makes a campaign that waits to be started. */
export async function createOnly(
  template: string,
  options: CreateOptions,
  session: BrandsSession,
): Promise<void> {
  const campaign = await createCampaignOf(template, options, session);
  if (campaign.state !== 'loading') return tellExisting(campaign, options);
  await tell(await reread(campaign, session), options);
  note(`Nothing is sent until \`laurel campaign start ${campaign.id}\`.`);
}

/** Starts a campaign of an id; of a template, makes one first. One that was started is not started again. */
export async function startCampaign(
  what: string,
  options: StartOptions,
  session: BrandsSession,
): Promise<void> {
  const campaign = isId(what)
    ? await found(await campaignIdOf(session, what.toLowerCase()), session)
    : await createCampaignOf(what, options, session);
  if (campaign.state !== 'loading') return tellExisting(campaign, options);
  const started = await start(campaign, options.paused === true, session);
  await tell(started, options);
  if (options.paused) note(`Nothing is sent until \`laurel campaign resume ${campaign.id}\`.`);
  else
    note(
      'A running `laurel serve` sends it; `laurel campaign status --watch` shows how far it is.',
    );
}

async function found(id: string, { pool, tenant }: Session): Promise<Campaign> {
  const campaign = await findCampaign(pool, tenant, id);
  if (campaign && campaign.audienceSize + campaign.segments.length > 0) return campaign;
  throw campaign
    ? new PermanentError('campaign-state', `campaign ${id} has no audience yet; load one first`)
    : new PermanentError(
        'unknown-campaign',
        `there is no campaign ${id} of tenant "${tenant}"; \`laurel campaign list\` shows them`,
      );
}

const reread = async (campaign: Campaign, { pool, tenant }: Session) =>
  (await findCampaign(pool, tenant, campaign.id)) ?? campaign;

/** Running, or paused without having run for a moment. */
async function start({ id }: Campaign, paused: boolean, { pool, tenant }: Session) {
  const started = await transaction(pool, async (db) => {
    const running = await changeCampaign(db, tenant, id, 'running');
    return running && paused ? changeCampaign(db, tenant, id, 'paused') : running;
  });
  if (started) return started;
  throw new PermanentError(
    'campaign-changed',
    `campaign ${id} was started or cancelled by somebody else meanwhile; see \`laurel campaign status ${id}\``,
  );
}

async function tellExisting(campaign: Campaign, options: CreateOptions): Promise<void> {
  if (campaign.state === 'cancelled') {
    throw new PermanentError(
      'campaign-cancelled',
      `this campaign (${campaign.id}) was cancelled; to send it after all, give it a --key of its own`,
    );
  }
  note(
    `This campaign was started before and is ${campaign.state}; nothing was started a second time.`,
  );
  await tell(campaign, options);
}

const tell = (campaign: Campaign, { json }: CreateOptions) =>
  print(json ? JSON.stringify(campaign) : `${campaign.id}  ${titleOf(campaign)}`);
