import { createHash } from 'node:crypto';

import { v7 as uuidv7 } from 'uuid';

import { alternativeOf } from '../campaign/alternative.ts';
import { addAudience, excludeMembers } from '../campaign/audience.ts';
import {
  type Campaign,
  type CampaignContent,
  createCampaign,
  isSameCampaign,
} from '../campaign/campaigns.ts';
import { campaignTemplate, parametersOf } from '../campaign/parameters.ts';
import { requireWhole, rowData } from '../campaign/row-data.ts';
import { segmentsNamed } from '../campaign/segment/segments.ts';
import { GroupName, IdempotencyKey, MemberId } from '../contract/message.ts';
import { shortHash, WantedVersion } from '../contract/template-version.ts';
import { PermanentError } from '../core/errors.ts';
import { checkAudience, type CheckedAudience } from './audience.ts';
import { chosenBrand } from './brand-option.ts';
import {
  alternativeWanted,
  asUsage,
  checked,
  type CreateOptions,
  dataOf,
  gateOf,
  shareOf,
  timingOf,
  usage,
  yearOf,
} from './campaign-options.ts';
import { titleOf } from './campaign-status.ts';
import { UsageError } from './failure.ts';
import { inBatches } from './input.ts';
import { openProgress } from './progress.ts';
import type { BrandsSession, Session } from './session.ts';
import { count, note } from './terminal.ts';

/** Members a statement. */
const chunk = 1_000;

/*
 * Every step may be the last before a crash, and the same command goes on from there:
 *
 *   files read and checked ▸ campaign by its key, loading ▸ exclusions, audience, chunk by chunk
 *
 * A member already in the audience is left out; a campaign that was started takes nobody any more.
 */

/**
 * Makes a campaign and loads its audience; the one of the same key as it is, where it has begun already.
 * @throws PermanentError `interrupted` when it was stopped meanwhile; the same command goes on with it
 */
export async function createCampaignOf(
  name: string,
  options: CreateOptions,
  session: BrandsSession,
): Promise<Campaign> {
  const { pool, tenant } = session;
  const brand = chosenBrand(options.brand, session);
  const template = usage(() => campaignTemplate(name, brand, session.templates));
  const data = await dataOf(options.data);
  const year = options.year === undefined ? undefined : yearOf(options.year);
  const parameters = usage(() => parametersOf(template, { year, data }, session.now()));
  const version =
    options.templateVersion && checked(WantedVersion, 'template-version', options.templateVersion);
  const group = options.group === undefined ? null : checked(GroupName, 'group', options.group);
  const members = options.member.map((one) => checked(MemberId, 'member', one));
  if (members.length + options.segment.length > 0) usage(() => requireWhole(template, parameters));
  if (members.length + options.audience.length + options.segment.length === 0)
    throw new UsageError('--audience, --segment or --member is needed: nobody was chosen');
  const of = { tenant, brand: brand.id };
  const segments = await segmentsNamed(pool, of, options.segment);
  const excludedSegments = await segmentsNamed(pool, of, options.excludeSegment);

  const wantedB = alternativeWanted(options);
  const made = { year, data };
  const first = { tenant, brand, template, version, made, now: session.now() };
  const alternative = wantedB
    ? await alternativeOf(pool, first, wantedB, session.templates).catch(asUsage)
    : null;
  const other = session.templates.find(({ name: one }) => one === alternative?.template);
  if (other && members.length + options.segment.length > 0)
    usage(() => requireWhole(other, parameters));
  const files = await checkFiles(options.audience, {
    column: options.column,
    rowData: rowData(template, parameters, options.ignore?.split(',') ?? [], other),
  });
  const exclusions = await checkFiles(options.exclude, { column: options.column });
  try {
    const wanted = {
      brand: brand.id,
      template: template.name,
      parameters,
      group,
      segments,
      excludedSegments,
      holdout: options.holdout === undefined ? 0 : shareOf('holdout', options.holdout),
      pilot: options.pilot === undefined ? null : shareOf('pilot', options.pilot),
      gate: gateOf(options),
      alternative,
      timing: timingOf(options),
    };
    const key = checked(
      IdempotencyKey,
      'key',
      options.key ?? keyOf(wanted, { files, exclusions, members }),
    );
    const campaign = await createCampaign(pool, {
      id: uuidv7(),
      tenant,
      ...wanted,
      idempotencyKey: key,
      wantedVersion: version === 'live' ? null : (version ?? null),
    });
    if (!isSameCampaign(campaign, wanted, version)) throw otherCampaign(campaign, key);
    if (campaign.state !== 'loading') return campaign;
    if (campaign.audienceSize > 0)
      note(`Going on with a campaign that has ${count(campaign.audienceSize, 'member')} already.`);
    const loaded = await load(campaign, { files, exclusions, members }, session);
    if (loaded) return campaign;
    throw new PermanentError(
      'interrupted',
      `stopped while loading campaign ${campaign.id}, nothing was sent; the same command goes on with it`,
    );
  } finally {
    for (const file of [...files, ...exclusions]) await file.close();
  }
}

type Members = {
  readonly files: readonly CheckedAudience[];
  readonly exclusions: readonly CheckedAudience[];
  readonly members: readonly string[];
};

async function checkFiles(
  names: readonly string[],
  options: Parameters<typeof checkAudience>[1],
): Promise<CheckedAudience[]> {
  const files: CheckedAudience[] = [];
  for (const name of names) files.push(await checkAudience(name, options));
  return files;
}

/** What names a campaign that was given no key: what it sends, and to whom. */
function keyOf(
  {
    brand,
    template,
    parameters,
    group,
    segments,
    excludedSegments,
    holdout,
    pilot,
    gate,
    alternative,
    timing,
  }: CampaignContent,
  { files, exclusions, members }: Members,
): string {
  const [file] = files;
  const others =
    exclusions.length + members.length + files.length + segments.length + excludedSegments.length;
  // As campaigns were named when there were no others.
  if (
    'year' in parameters &&
    file &&
    others === 1 &&
    group === null &&
    timing === null &&
    alternative === null
  )
    return `${template}:${brand}:${parameters.year}:${file.hash.slice(0, 32)}`;
  const named = [segments, excludedSegments].map((some) => some.map(({ name }) => name));
  const all = [
    parameters,
    group,
    files.map(hashOf),
    exclusions.map(hashOf),
    members,
    named,
    [holdout, pilot, gate, ...(timing ? [timing] : []), ...(alternative ? [alternative] : [])],
  ];
  const hash = createHash('sha256').update(JSON.stringify(all)).digest('hex');
  return `${template}:${brand}:${hash.slice(0, 32)}`;
}

const hashOf = ({ hash }: CheckedAudience) => hash;

/** False when it was interrupted. */
async function load(
  { id }: Campaign,
  { files, exclusions, members }: Members,
  { pool, signal }: Session,
): Promise<boolean> {
  const total = [...files, ...exclusions].reduce((sum, { entries }) => sum + entries, 0);
  const progress = openProgress(total);
  let read = 0;
  try {
    for (const file of exclusions)
      for await (const some of inBatches(file.members(), chunk)) {
        if (signal.aborted) return false;
        await excludeMembers(
          pool,
          id,
          some.map(({ memberId }) => memberId),
        );
        progress.update((read += some.length), `${count(read, 'member')} loaded`);
      }
    for (const file of files)
      for await (const some of inBatches(file.members(), chunk)) {
        if (signal.aborted) return false;
        await addAudience(
          pool,
          id,
          some.map(({ memberId }) => memberId),
          some.map(({ data }) => data ?? null),
        );
        progress.update((read += some.length), `${count(read, 'member')} loaded`);
      }
    if (members.length > 0) await addAudience(pool, id, members);
    return true;
  } finally {
    progress.stop();
  }
}

const otherCampaign = (campaign: Campaign, key: string) =>
  new PermanentError(
    'idempotency-conflict',
    `the key "${key}" already names another campaign: ${titleOf(campaign)}, ${keptText(campaign.pinnedVersion)} (${campaign.id}); use a new --key`,
  );

const keptText = (pinned: string | null) =>
  pinned === null ? 'with what is live' : `with version ${shortHash(pinned)}`;
