import type { Brand } from '../brand/brand.ts';
import type { Template } from '../contract/template.ts';
import { PermanentError } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { isInPilot } from './assign.ts';
import { addMembers } from './audience.ts';
import { advanceCampaign, advanceSegments, type Campaign, takeCampaign } from './campaigns.ts';
import { findChosen } from './chosen.ts';
import { makeMessages } from './make-messages.ts';
import { someMembers, type SegmentOf } from './segment/members.ts';
import { skipped } from './skipped.ts';

/** What messages are made with. */
export type FanOutParts = {
  readonly brandOf: (id: string) => Brand | undefined;
  /** Throws PermanentError for an unknown one. */
  readonly templateOf: (name: string) => Template;
  readonly now: () => Date;
};

/** Messages made in one transaction; small enough that a pause or a crash costs little. */
const chunk = 1_000;

/**
 * Makes the next chunk of some running campaign's messages. Message rows, their frozen figures and the cursor commit
 * together, and ids follow from campaign and member: killed anywhere, it goes on without a gap or a double.
 *
 * @param failing campaigns to leave alone; one that fails is added, so that it doesn't hold up the others.
 * @returns how many audience members were worked off; 0 when no campaign is running.
 */
export async function fanOutOnce(
  transaction: <T>(work: (db: Db) => Promise<T>) => Promise<T>,
  { brandOf, templateOf, now }: FanOutParts,
  failing = new Set<string>(),
): Promise<number> {
  return transaction(async (db) => {
    const campaign = await takeCampaign(db, [...failing], now());
    if (!campaign) return 0;
    failing.add(campaign.id);
    const brand = brandOf(campaign.brand);
    if (!brand)
      throw new PermanentError('unknown-brand', `campaign ${campaign.id} names no known brand`);
    const template = templateOf(campaign.template);
    const other = campaign.alternative ? templateOf(campaign.alternative.template) : template;
    const of = { tenant: campaign.tenant, brand, now: now() };
    const left = await readSegments(db, campaign, of);
    if (left > 0) {
      failing.delete(campaign.id);
      return left;
    }
    const upTo = Math.min(campaign.cursor + chunk, campaign.audienceSize);
    const all = await findChosen(db, campaign, upTo);
    const chosen =
      campaign.pilotState === 'making'
        ? all.filter(({ memberId }) => isInPilot(campaign, memberId))
        : all;
    await makeMessages(
      db,
      { campaign, brand, template, other, chosen },
      await skipped(db, campaign, chosen, of),
    );
    await advanceCampaign(db, campaign.id, upTo);
    failing.delete(campaign.id);
    return upTo - campaign.cursor;
  });
}

/** Adds the next members of the segments it is made of to its audience. Returns how many were looked at; 0 when all were. */
async function readSegments(db: Db, campaign: Campaign, of: SegmentOf): Promise<number> {
  const { id, segments, segmentsRead: read, segmentCursor } = campaign;
  const segment = segments[read];
  if (!segment) return 0;
  const { memberIds, next, looked } = await someMembers(db, of, segment.conditions, segmentCursor);
  if (memberIds.length > 0) await addMembers(db, id, memberIds, { state: 'running' });
  await advanceSegments(
    db,
    id,
    next === null ? { read: read + 1, cursor: '' } : { read, cursor: next },
  );
  return Math.max(1, looked);
}
