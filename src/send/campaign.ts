import { InvalidInput } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { advanceCampaign, type Campaign, takeCampaign } from '../stores/campaigns.ts';

/** Messages made in one transaction; small enough that a pause or a crash costs little. */
const chunk = 1_000;

/**
 * Makes the next chunk of some running campaign's messages. Message rows, their frozen figures and the cursor commit
 * together, and ids follow from campaign and member: killed anywhere, it goes on without a gap or a double.
 *
 * @param insert makes the messages of the audience positions `(after, upTo]`, skipping ids that exist.
 * @returns how many audience members were worked off; 0 when no campaign is running.
 */
export async function fanOutOnce(
  transaction: <T>(work: (db: Db) => Promise<T>) => Promise<T>,
  insert: (db: Db, campaign: Campaign, after: number, upTo: number) => Promise<void>,
): Promise<number> {
  return transaction(async (db) => {
    const campaign = await takeCampaign(db);
    if (!campaign) return 0;
    const upTo = Math.min(campaign.cursor + chunk, campaign.audienceSize);
    if (upTo > campaign.cursor) await insert(db, campaign, campaign.cursor, upTo);
    await advanceCampaign(db, campaign.id, upTo);
    return upTo - campaign.cursor;
  });
}

/** The years a review can be made of: complete or running ones since the programme could have begun. */
export function checkYear(year: number, now: Date): number {
  if (Number.isInteger(year) && year >= 2000 && year <= now.getUTCFullYear()) return year;
  throw new InvalidInput([
    { path: 'year', message: `must be a year from 2000 to ${now.getUTCFullYear()}` },
  ]);
}
