import type { Db } from '../postgres/pool.ts';
import { isHeldOut, isInControlGroup } from './assign.ts';
import type { Campaign } from './campaigns.ts';
import type { Chosen } from './chosen.ts';
import { messageIdOf } from './message-id.ts';
import { membersAmong, type SegmentOf } from './segment/members.ts';

/** Why a campaign passes over somebody of its audience, whatever the rules would say. */
export type SkipReason = 'excluded' | 'control-group' | 'holdout' | 'in-campaign-group';

/** Whom of these the campaign passes over, each with the first reason that holds. Takes the others' turn in its group. */
export async function skipped(
  db: Db,
  campaign: Campaign,
  chosen: readonly Chosen[],
  of: SegmentOf,
): Promise<ReadonlyMap<string, SkipReason>> {
  const skips = new Map<string, SkipReason>();
  const skip = (memberIds: readonly string[], reason: SkipReason) => {
    for (const one of memberIds) if (!skips.has(one)) skips.set(one, reason);
  };
  if (chosen.length === 0) return skips;
  skip(await excluded(db, campaign, chosen), 'excluded');
  for (const { conditions } of campaign.excludedSegments) {
    const ids = chosen.map(({ memberId }) => memberId);
    skip([...(await membersAmong(db, of, conditions, ids))], 'excluded');
  }
  for (const { memberId } of chosen) {
    if (isInControlGroup(of.brand, of.tenant, memberId)) skip([memberId], 'control-group');
    if (isHeldOut(campaign, memberId)) skip([memberId], 'holdout');
  }
  const left = chosen.filter(({ memberId }) => !skips.has(memberId));
  if (campaign.group !== null) skip(await taken(db, campaign, left), 'in-campaign-group');
  return skips;
}

/** Every account of these people beside the person, as two lists for `unnest`. */
function byAccount(chosen: readonly Chosen[]): [members: string[], accounts: string[]] {
  const pairs = chosen.flatMap(({ memberId, accounts }) =>
    accounts.map((account) => [memberId, account] as const),
  );
  return [pairs.map(([member]) => member), pairs.map(([, account]) => account)];
}

async function excluded(db: Db, { id }: Campaign, chosen: readonly Chosen[]): Promise<string[]> {
  const { rows } = await db.query<{ member_id: string }>({
    name: 'campaign-excluded',
    text: `select distinct c.member_id from unnest($2::text[], $3::text[]) as c(member_id, account)
      join campaign_exclusions e on e.campaign_id = $1 and e.member_id = c.account`,
    values: [id, ...byAccount(chosen)],
  });
  return rows.map(({ member_id }) => member_id);
}

/**
 * Takes the turn of these people in the campaign's group, and says who has one in another campaign. A turn is free again once
 * its message turned out not to be sent.
 */
async function taken(db: Db, campaign: Campaign, chosen: readonly Chosen[]): Promise<string[]> {
  const { id, tenant, group } = campaign;
  const [members, accounts] = byAccount(chosen);
  const isFree = `exists (select from messages m where m.id = g.message_id and m.state in ('suppressed', 'cancelled'))`;
  const others = `select distinct c.member_id from unnest($4::text[], $5::text[]) as c(member_id, account)
      join campaign_group_members g on g.tenant = $1 and g.group_name = $2 and g.member_id = c.account
      where g.campaign_id <> $3`;
  // In one order, so that two campaigns of a group wait for each other instead of blocking each other.
  await db.query({
    name: 'campaign-take-turns',
    text: `
      insert into campaign_group_members as g (tenant, group_name, campaign_id, member_id, message_id)
      select $1, $2, $3, member_id, ${messageIdOf('$3::uuid', 'member_id')}
        from (select distinct unnest($4::text[]) as member_id order by 1) as these
       where member_id not in (${others} and g.member_id <> c.member_id and not ${isFree})
      on conflict (tenant, group_name, member_id) do update
        set campaign_id = excluded.campaign_id, message_id = excluded.message_id
        where g.campaign_id <> excluded.campaign_id and ${isFree}`,
    values: [tenant, group, id, members, accounts],
  });
  const { rows } = await db.query<{ member_id: string }>({
    name: 'campaign-turns-taken',
    text: `${others} and not ${isFree}`,
    values: [tenant, group, id, members, accounts],
  });
  return rows.map(({ member_id }) => member_id);
}
