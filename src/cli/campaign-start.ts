import { v7 as uuidv7 } from 'uuid';

import {
  addAudience,
  type Campaign,
  changeCampaign,
  createCampaign,
} from '../campaign/campaigns.ts';
import { checkCampaign, checkYear } from '../campaign/fan-out.ts';
import { IdempotencyKey } from '../contract/message.ts';
import { keepsVersion, shortHash, WantedVersion } from '../contract/template-version.ts';
import { InvalidInput, PermanentError } from '../core/errors.ts';
import { transaction } from '../postgres/pool.ts';
import { checkAudience, type CheckedAudience } from './audience.ts';
import { titleOf } from './campaign-status.ts';
import { UsageError } from './failure.ts';
import { inBatches } from './input.ts';
import { openProgress } from './progress.ts';
import type { BrandsSession, Session } from './session.ts';
import { count, note, print } from './terminal.ts';

export type StartOptions = {
  readonly year: string;
  readonly audience: string;
  readonly column?: string;
  readonly brand?: string;
  readonly key?: string;
  readonly templateVersion?: string;
  readonly paused?: boolean;
  readonly json?: boolean;
};

/** Members a statement. */
const chunk = 1_000;

/*
 * Every step may be the last before a crash, and the same command goes on from there:
 *
 *   file read and checked ▸ campaign by its key, loading ▸ audience, chunk by chunk ▸ running (or paused)
 *
 * A member already in the audience is left out, and a campaign that was started is not started again.
 */
export async function startCampaign(
  kind: string,
  options: StartOptions,
  session: BrandsSession,
): Promise<void> {
  const { pool, tenant, templates } = session;
  const year = yearOf(options.year);
  const brand = brandOf(options.brand, session);
  const loaded = session.brands.get(brand);
  if (loaded) checkCampaign(kind, loaded.brand, templates);
  const version = options.templateVersion && versionOf(options.templateVersion);
  const audience = await checkAudience(options.audience, options.column);
  try {
    const key = options.key ?? `${kind}:${brand}:${year}:${audience.hash.slice(0, 32)}`;
    const campaign = await createCampaign(pool, {
      id: uuidv7(),
      tenant,
      brand,
      template: kind,
      parameters: { year },
      idempotencyKey: checkKey(key),
      wantedVersion: version === 'live' ? null : (version ?? null),
    });
    requireSame(campaign, { kind, brand, year, key, version });
    if (campaign.state !== 'loading') return await tellExisting(campaign, options);
    if (campaign.audienceSize > 0)
      note(`Going on with a campaign that has ${count(campaign.audienceSize, 'member')} already.`);
    if (!(await load(campaign, audience, session))) {
      throw new PermanentError(
        'interrupted',
        `stopped while loading campaign ${campaign.id}, nothing was sent; the same command goes on with it`,
      );
    }
    const started = await start(campaign, options.paused === true, session);
    await tell(started, options);
    if (options.paused) note(`Nothing is sent until \`laurel campaign resume ${campaign.id}\`.`);
    else
      note(
        'A running `laurel serve` sends it; `laurel campaign status --watch` shows how far it is.',
      );
  } finally {
    await audience.close();
  }
}

/** False when it was interrupted. */
async function load(campaign: Campaign, audience: CheckedAudience, session: Session) {
  const progress = openProgress(audience.entries);
  let read = 0;
  try {
    for await (const members of inBatches(audience.members(), chunk)) {
      if (session.signal.aborted) return false;
      await addAudience(session.pool, campaign.id, members);
      read += members.length;
      progress.update(read, `${count(read, 'member')} loaded`);
    }
    return true;
  } finally {
    progress.stop();
  }
}

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

async function tellExisting(campaign: Campaign, options: StartOptions): Promise<void> {
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

const tell = (campaign: Campaign, { json }: StartOptions) =>
  print(json ? JSON.stringify(campaign) : `${campaign.id}  ${titleOf(campaign)}`);

function yearOf(text: string): number {
  try {
    return checkYear(/^\d{4}$/.test(text) ? Number(text) : NaN, new Date());
  } catch (error) {
    if (error instanceof InvalidInput) throw new UsageError(`--year ${error.problems[0]?.message}`);
    throw error;
  }
}

function brandOf(wanted: string | undefined, { config, brands }: BrandsSession): string {
  const known = [...brands.keys()];
  const brand = wanted ?? config.defaultBrand ?? (known.length === 1 ? known[0] : undefined);
  if (brand === undefined) throw new UsageError(`--brand is needed; there are ${known.join(', ')}`);
  if (known.includes(brand)) return brand;
  throw new UsageError(`there is no brand "${brand}"; there are ${known.join(', ')}`);
}

function checkKey(key: string): string {
  const parsed = IdempotencyKey.safeParse(key);
  if (parsed.success) return parsed.data;
  throw new UsageError('--key must be 1 to 255 characters without control characters');
}

function requireSame(
  campaign: Campaign,
  {
    kind,
    brand,
    year,
    key,
    version,
  }: { kind: string; brand: string; year: number; key: string; version: string | undefined },
): void {
  const { template, parameters, pinnedVersion } = campaign;
  const same = template === kind && campaign.brand === brand && parameters.year === year;
  if (same && keepsVersion(pinnedVersion, version)) return;
  throw new PermanentError(
    'idempotency-conflict',
    `the key "${key}" already names another campaign: ${titleOf(campaign)}, ${keptText(pinnedVersion)} (${campaign.id}); use a new --key`,
  );
}

const keptText = (pinned: string | null) =>
  pinned === null ? 'with what is live' : `with version ${shortHash(pinned)}`;

function versionOf(text: string): string {
  const parsed = WantedVersion.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--template-version ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
}
