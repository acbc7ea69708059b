import { isDeepStrictEqual } from 'node:util';

import { keepsVersion } from '../contract/template-version.ts';
import type { CampaignTiming } from '../contract/timing.ts';
import { InvalidInput } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import {
  allBut,
  column,
  defineTable,
  type NewRow,
  nullable,
  only,
  quoted,
  recordOf,
  type Row,
  selected,
  stored,
} from '../postgres/table.ts';
import { pinnedVersion, whyNotPinned } from '../render/version/pinned-version.ts';
import type { Alternative } from './alternative.ts';
import type { CampaignParameters } from './parameters.ts';
import type { Gate, PilotState } from './pilot.ts';
import type { Condition } from './segment/condition.ts';

export type CampaignState = 'loading' | 'running' | 'paused' | 'done' | 'cancelled';

/** A segment as it was when a campaign was made of it. */
export type NamedConditions = { readonly name: string; readonly conditions: Condition };

/** @public for the comparison with the table itself */
export const campaigns = defineTable('campaigns', {
  id: column.uuid(),
  tenant: column.text(),
  brand: column.text(),
  template: column.text(),
  idempotencyKey: nullable(column.text()),
  parameters: column.jsonb<CampaignParameters>(),
  /** The published version all its messages keep; null: each takes what is live when its turn comes. */
  pinnedVersion: nullable(column.text()),
  groupName: nullable(column.text()),
  /** Whose members are added to the audience when it starts. */
  segments: column.jsonb<readonly NamedConditions[]>(),
  /** Whose members it writes nothing to. */
  excludedSegments: column.jsonb<readonly NamedConditions[]>(),
  /** The share of its audience that is kept out, to compare with. */
  holdout: column.float(),
  /** The share that is written to first; null where all are at once. */
  pilot: nullable(column.float()),
  pilotState: nullable(column.text<PilotState>()),
  gate: nullable(column.jsonb<Gate>()),
  /** What a share of its members gets instead, to compare; null: all get the same. */
  alternative: nullable(column.jsonb<Alternative>()),
  /** Null where its mails go at once, as fast as they can. */
  timing: nullable(column.jsonb<CampaignTiming>()),
  startsAt: nullable(column.timestamp()),
  /** Segments whose members are all in the audience, and after which member the next one goes on. */
  segmentsRead: column.integer(),
  segmentCursor: column.text(),
  state: column.text<CampaignState>(),
  audienceSize: column.bigint(),
  /** Audience members whose message exists. */
  cursor: column.bigint(),
  createdAt: column.timestamp(),
  finishedAt: nullable(column.timestamp()),
});
const shown = allBut(campaigns, 'idempotencyKey, groupName, startsAt');
const columns = `${selected(shown)}, group_name as "group"`;
export type Campaign = Readonly<Row<typeof shown>> & {
  /** A member gets one mail at most of all campaigns of a group. */
  readonly group: string | null;
};

const made = only(
  campaigns,
  'id, tenant, brand, template, idempotencyKey, parameters, groupName, segments, excludedSegments, holdout, pilot, pilotState, gate, alternative, timing, startsAt, state',
);

/**
 * Makes a campaign that waits for its audience. The same key gives the same campaign back.
 * @throws InvalidInput `templateVersion` where the version it is to keep isn't there
 */
export async function createCampaign(
  db: Db,
  {
    idempotencyKey,
    wantedVersion = null,
    group = null,
    ...content
  }: Pick<Campaign, 'id' | 'tenant' | 'brand' | 'template' | 'parameters'> &
    Partial<CampaignContent> & {
      readonly idempotencyKey: string | null;
      /** `accepted`, or a published version's hash or its beginning: all its messages keep that. */
      readonly wantedVersion?: string | null;
    },
): Promise<Campaign> {
  const { tenant, template, pilot = null, timing = null } = content;
  const row: NewRow<typeof made> = {
    segments: [],
    excludedSegments: [],
    holdout: 0,
    gate: null,
    alternative: null,
    ...content,
    idempotencyKey,
    groupName: group,
    pilot,
    pilotState: pilot === null ? null : 'making',
    timing,
    startsAt: timing && startOf(timing),
    state: 'loading',
  };
  const { rows } = await db.query<Campaign>(
    `insert into campaigns (${stored(made)}, pinned_version)
     select ${quoted(made)}, pinned.hash from jsonb_to_recordset($1) as r(${recordOf(made)})
     left join lateral ${pinnedVersion('r.tenant', 'r.template', '$2::text')} as pinned on true
     where $2 is null or pinned.hash is not null
     on conflict (tenant, idempotency_key) do update set idempotency_key = excluded.idempotency_key
     returning ${columns}`,
    [JSON.stringify([row]), wantedVersion],
  );
  const [created] = rows;
  if (created) return created;
  const { rows: earlier } = await db.query<Campaign>(
    `select ${columns} from campaigns where tenant = $1 and idempotency_key = $2`,
    [tenant, idempotencyKey],
  );
  if (earlier[0]) return earlier[0];
  const message = await whyNotPinned(db, tenant, template, wantedVersion ?? '');
  throw new InvalidInput([{ path: 'templateVersion', message }]);
}

/** Where a day begins first. */
const earliestOffsetMs = 14 * 3_600_000;

/** When the first of its messages is made: not before anybody's time has come, so that segments are read late. */
function startOf({ startAt, localTime }: CampaignTiming): Date | null {
  if (startAt !== undefined) return new Date(startAt);
  if (!localTime) return null;
  return new Date(Date.parse(`${localTime.date}T${localTime.time}:00Z`) - earliestOffsetMs);
}

/** What a campaign sends, and to whom, beside the audience that is loaded. */
export type CampaignContent = Pick<
  Campaign,
  | 'brand'
  | 'template'
  | 'parameters'
  | 'group'
  | 'segments'
  | 'excludedSegments'
  | 'holdout'
  | 'pilot'
  | 'gate'
  | 'alternative'
  | 'timing'
>;

/**
 * Whether a campaign is what somebody asks for again under the same key.
 * @param version `accepted`, `live` or a hash, as it was wanted
 */
export const isSameCampaign = (
  campaign: Campaign,
  wanted: CampaignContent,
  version: string | undefined,
): boolean =>
  campaign.brand === wanted.brand &&
  campaign.template === wanted.template &&
  campaign.group === wanted.group &&
  campaign.holdout === wanted.holdout &&
  campaign.pilot === wanted.pilot &&
  isDeepStrictEqual(
    [
      campaign.parameters,
      campaign.gate,
      campaign.alternative,
      campaign.timing,
      namesOf(campaign.segments),
      namesOf(campaign.excludedSegments),
    ],
    [
      wanted.parameters,
      wanted.gate,
      wanted.alternative,
      wanted.timing,
      namesOf(wanted.segments),
      namesOf(wanted.excludedSegments),
    ],
  ) &&
  keepsVersion(campaign.pinnedVersion, version);

/** Segments by name alone: what they ask for may have changed since, and the campaign keeps what it was. */
const namesOf = (segments: readonly NamedConditions[]) => segments.map(({ name }) => name);

export async function findCampaign(db: Db, tenant: string, id: string): Promise<Campaign | null> {
  const { rows } = await db.query<Campaign>(
    `select ${columns} from campaigns where tenant = $1 and id = $2`,
    [tenant, id],
  );
  return rows[0] ?? null;
}

export async function listCampaigns(db: Db, tenant: string): Promise<Campaign[]> {
  const { rows } = await db.query<Campaign>(
    `select ${columns} from campaigns where tenant = $1 order by created_at desc limit 100`,
    [tenant],
  );
  return rows;
}

/** From which states a campaign may go into another. */
const from: Record<Exclude<CampaignState, 'loading' | 'done'>, readonly CampaignState[]> = {
  running: ['loading', 'paused'],
  paused: ['running', 'done'],
  cancelled: ['loading', 'running', 'paused', 'done'],
};

/**
 * Starts, pauses, resumes or cancels. Pausing and cancelling stop every message not yet in a worker's hands, also of a
 * campaign whose messages all exist already. Null when the campaign can't go there from its state.
 * Takes no longer for millions: what stops them is the campaign's own row, see `takeBackCancelled` for theirs.
 */
export async function changeCampaign(
  db: Db,
  tenant: string,
  id: string,
  to: keyof typeof from,
): Promise<Campaign | null> {
  const { rows } = await db.query<Campaign>(
    `update campaigns set state = $3, finished_at = case when $3 = 'cancelled' then now() end
     where tenant = $1 and id = $2 and state = any($4) returning ${columns}`,
    [tenant, id, to, from[to]],
  );
  const [campaign] = rows;
  if (!campaign) return null;
  if (to === 'cancelled') await takeBackCancelled(db);
  if (to === 'running') {
    // Jobs that came up while it was paused were dropped; their messages are due again at once.
    await db.query(
      `update messages_open set job_at = null where id in (
         select id from messages_open
         where campaign_id = $1 and state in ('queued', 'held') and job_at is not null for update skip locked)`,
      [id],
    );
  }
  return campaign;
}

/** Messages taken back in one statement. */
const takeBackChunk = 5_000;

/**
 * Marks waiting messages of cancelled campaigns as cancelled, some at a time, also those that came back into line from a
 * worker since. Returns how many; 0 when none is left.
 */
export async function takeBackCancelled(db: Db): Promise<number> {
  const { rowCount } = await db.query({
    name: 'take-back-cancelled',
    text: `
      update messages_open set state = 'cancelled', reason = 'campaign-cancelled', finished_at = now(), job_at = null
      where id in (
        select m.id from campaigns c cross join lateral (
          select id from messages_open where campaign_id = c.id and state in ('queued', 'held')
          limit $1 for update skip locked) m
        where c.state = 'cancelled' limit $1)`,
    values: [takeBackChunk],
  });
  return rowCount ?? 0;
}

/**
 * Locks the oldest running campaign whose time has come and that nobody else works on, for the transaction; null when there is none.
 * @param except campaigns to leave alone
 */
export async function takeCampaign(
  db: Db,
  except: readonly string[],
  now: Date,
): Promise<Campaign | null> {
  const { rows } = await db.query<Campaign>(
    `select ${columns} from campaigns where state = 'running' and coalesce(pilot_state not in ('waiting', 'failed'), true) and id <> all($1::uuid[])
       and (starts_at is null or starts_at <= $2)
     order by created_at limit 1 for update skip locked`,
    [except, now],
  );
  return rows[0] ?? null;
}

/** Remembers how far a campaign's segments are read, in the transaction that added their members. */
export async function advanceSegments(
  db: Db,
  id: string,
  { read, cursor }: { readonly read: number; readonly cursor: string },
): Promise<void> {
  await db.query('update campaigns set segments_read = $2, segment_cursor = $3 where id = $1', [
    id,
    read,
    cursor,
  ]);
}

/** Moves the cursor, in the transaction that made the messages. At the end of the audience it is done, or its pilot waits. */
export async function advanceCampaign(db: Db, id: string, cursor: number): Promise<void> {
  await db.query(
    `update campaigns set
       cursor = $2,
       state = case when $2 >= audience_size and pilot_state is distinct from 'making' then 'done' else state end,
       finished_at = case when $2 >= audience_size and pilot_state is distinct from 'making' then now() end,
       pilot_made_at = case when $2 >= audience_size and pilot_state = 'making' then now() else pilot_made_at end,
       pilot_state = case when $2 >= audience_size and pilot_state = 'making' then 'waiting' else pilot_state end
     where id = $1`,
    [id, cursor],
  );
}
