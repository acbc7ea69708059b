import type { Db } from '../postgres/pool.ts';
import type { Campaign } from './campaigns.ts';
import { type Chosen, findChosen } from './chosen.ts';
import { membersAmong, segmentMembers, type SegmentOf } from './segment/members.ts';

/** Members a statement. */
const chunk = 1_000;

/** Everybody a campaign was made for, some at a time: its audience, and who would come from its segments, each once. */
export async function* candidates(
  db: Db,
  campaign: Campaign,
  of: SegmentOf,
): AsyncGenerator<readonly Chosen[]> {
  for (let cursor = 0; cursor < campaign.audienceSize; cursor += chunk) {
    const upTo = Math.min(cursor + chunk, campaign.audienceSize);
    yield await findChosen(db, { ...campaign, cursor }, upTo);
  }
  // Those of segments that were read are in the audience.
  for (const [index, { conditions }] of campaign.segments.entries()) {
    if (index < campaign.segmentsRead) continue;
    for await (const memberIds of segmentMembers(db, of, conditions)) {
      const others = await notChosen(db, campaign.id, memberIds);
      const earlier = new Set<string>();
      for (const one of campaign.segments.slice(0, index))
        for (const memberId of await membersAmong(db, of, one.conditions, others))
          earlier.add(memberId);
      yield others
        .filter((memberId) => !earlier.has(memberId))
        .map((memberId) => ({ memberId, accounts: [memberId], data: null }));
    }
  }
}

async function notChosen(db: Db, id: string, memberIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ member_id: string }>(
    `select member_id from unnest($2::text[]) as m (member_id)
      where not exists (select from campaign_audience a where a.campaign_id = $1 and a.member_id = m.member_id)`,
    [id, memberIds],
  );
  return rows.map(({ member_id }) => member_id);
}
