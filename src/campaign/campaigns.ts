import { InvalidInput, PermanentError } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { pinnedVersion, whyNotPinned } from '../render/version/pinned-version.ts';

export type CampaignState = 'loading' | 'running' | 'paused' | 'done' | 'cancelled';

export type Campaign = {
  readonly id: string;
  readonly tenant: string;
  readonly brand: string;
  readonly template: string;
  readonly parameters: { readonly year: number };
  /** The published version all its messages keep; null: each takes what is live when its turn comes. */
  readonly pinnedVersion: string | null;
  readonly state: CampaignState;
  readonly audienceSize: number;
  /** Audience members whose message exists. */
  readonly cursor: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};

const columns = `id, tenant, brand, template, parameters, pinned_version as "pinnedVersion", state, audience_size as "audienceSize", cursor,
  created_at as "createdAt", finished_at as "finishedAt"`;

/**
 * Makes a campaign that waits for its audience. The same key gives the same campaign back.
 * @throws InvalidInput `templateVersion` where the version it is to keep isn't there
 */
export async function createCampaign(
  db: Db,
  campaign: Pick<Campaign, 'id' | 'tenant' | 'brand' | 'template' | 'parameters'> & {
    readonly idempotencyKey: string | null;
    /** `accepted`, or a published version's hash or its beginning: all its messages keep that. */
    readonly wantedVersion?: string | null;
  },
): Promise<Campaign> {
  const { id, tenant, brand, template, idempotencyKey, parameters, wantedVersion } = campaign;
  const wanted = wantedVersion ?? null;
  const { rows } = await db.query<Campaign>(
    `insert into campaigns (id, tenant, brand, template, idempotency_key, parameters, state, pinned_version)
     select r.*, pinned.hash from (values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::jsonb, 'loading')) as r
     left join lateral ${pinnedVersion('$2', '$4', '$7::text')} as pinned on true
     where $7 is null or pinned.hash is not null
     on conflict (tenant, idempotency_key) do update set idempotency_key = excluded.idempotency_key
     returning ${columns}`,
    [id, tenant, brand, template, idempotencyKey, parameters, wanted],
  );
  const [created] = rows;
  if (created) return created;
  const { rows: earlier } = await db.query<Campaign>(
    `select ${columns} from campaigns where tenant = $1 and idempotency_key = $2`,
    [tenant, idempotencyKey],
  );
  if (earlier[0]) return earlier[0];
  const message = await whyNotPinned(db, tenant, template, wanted ?? '');
  throw new InvalidInput([{ path: 'templateVersion', message }]);
}

/**
 * Adds members to an audience that is still loading; one already in it is left out. Returns how many were new.
 * @throws PermanentError `wrong-state` when the campaign has begun meanwhile: nobody of these was added.
 */
export async function addAudience(
  db: Db,
  campaignId: string,
  memberIds: readonly string[],
): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await addOnce(db, campaignId, memberIds);
    } catch (error) {
      // The same members are being added by somebody else: the next look finds them.
      if (tries === 5 || !isUniqueViolation(error)) throw error;
    }
  }
}

const isUniqueViolation = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === '23505';

async function addOnce(db: Db, campaignId: string, memberIds: readonly string[]): Promise<number> {
  const { rows } = await db.query<{ added: number }>({
    name: 'add-audience',
    text: `
      with campaign as (
        select id, audience_size from campaigns where id = $1 and state = 'loading' for update
      ), fresh as (
        select member_id, min(ordinal) as ordinal from unnest($2::text[]) with ordinality as t(member_id, ordinal)
        where not exists (select from campaign_audience a where a.campaign_id = $1 and a.member_id = t.member_id)
        group by member_id
      ), added as (
        insert into campaign_audience (campaign_id, position, member_id)
        select campaign.id, campaign.audience_size + row_number() over (order by ordinal), member_id
        from fresh, campaign returning 1
      )
      update campaigns set audience_size = campaigns.audience_size + (select count(*) from added)
      from campaign where campaigns.id = campaign.id
      returning (select count(*) from added)::int as added`,
    values: [campaignId, memberIds],
  });
  const [campaign] = rows;
  if (!campaign) {
    throw new PermanentError(
      'wrong-state',
      'the campaign takes no audience any more; it has begun',
    );
  }
  return campaign.added;
}

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
      `update messages set job_at = null where id in (
         select id from messages
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
      update messages set state = 'cancelled', reason = 'campaign-cancelled', finished_at = now(), job_at = null
      where id in (
        select m.id from campaigns c cross join lateral (
          select id from messages where campaign_id = c.id and state in ('queued', 'held')
          limit $1 for update skip locked) m
        where c.state = 'cancelled' limit $1)`,
    values: [takeBackChunk],
  });
  return rowCount ?? 0;
}

/** How far a campaign's messages are: by state, and suppressed ones by reason. */
export async function campaignCounts(
  db: Db,
  id: string,
): Promise<{ readonly state: string; readonly reason: string | null; readonly count: number }[]> {
  const { rows } = await db.query<{ state: string; reason: string | null; count: number }>(
    `select state, case when state not in ('sent', 'queued', 'sending') then reason end as reason, count(*)::int as count
     from messages where campaign_id = $1 group by 1, 2 order by 3 desc`,
    [id],
  );
  return rows;
}

/**
 * Locks the oldest running campaign that nobody else works on, for the transaction; null when there is none.
 * @param except campaigns to leave alone
 */
export async function takeCampaign(db: Db, except: readonly string[]): Promise<Campaign | null> {
  const { rows } = await db.query<Campaign>(
    `select ${columns} from campaigns where state = 'running' and id <> all($1::uuid[])
     order by created_at limit 1 for update skip locked`,
    [except],
  );
  return rows[0] ?? null;
}

/** Moves the cursor, in the transaction that made the messages. Done when nothing is left. */
export async function advanceCampaign(db: Db, id: string, cursor: number): Promise<void> {
  await db.query(
    `update campaigns set cursor = $2,
       state = case when $2 >= audience_size then 'done' else state end,
       finished_at = case when $2 >= audience_size then now() end
     where id = $1`,
    [id, cursor],
  );
}
