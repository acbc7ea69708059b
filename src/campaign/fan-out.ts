import type { Brand } from '../brand/brand.ts';
import { isFor, type Template } from '../contract/template.ts';
import { InvalidInput, PermanentError } from '../core/errors.ts';
import { yearFiguresParameters, yearFiguresSelect } from '../ledger/figures/year-figures.ts';
import type { Db } from '../postgres/pool.ts';
import { advanceCampaign, type Campaign, takeCampaign } from './campaigns.ts';

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
  brandOf: (id: string) => Brand | undefined,
  failing = new Set<string>(),
): Promise<number> {
  return transaction(async (db) => {
    const campaign = await takeCampaign(db, [...failing]);
    if (!campaign) return 0;
    failing.add(campaign.id);
    const brand = brandOf(campaign.brand);
    if (!brand)
      throw new PermanentError('unknown-brand', `campaign ${campaign.id} names no known brand`);
    const upTo = Math.min(campaign.cursor + chunk, campaign.audienceSize);
    if (upTo > campaign.cursor) await insertReviews(db, campaign, brand, upTo);
    await advanceCampaign(db, campaign.id, upTo);
    failing.delete(campaign.id);
    return upTo - campaign.cursor;
  });
}

/** The id of a campaign's message to a member: a version 8 UUID of both. */
const messageId = (memberId: string) =>
  `overlay(overlay(md5($8::text || ':' || ${memberId}) placing '8' from 13) placing '8' from 17)::uuid`;

/**
 * One message for each audience member from the cursor to `upTo`, with the figures of their year as of now. The id follows
 * from campaign and member, so that making it again makes nothing. Accounts that are one member get one mail, to her; none
 * where one of them has its message from before they were merged.
 */
async function insertReviews(
  db: Db,
  campaign: Campaign,
  brand: Brand,
  upTo: number,
): Promise<void> {
  const { rows } = await db.query<{ member_id: string }>(
    `select member_id from campaign_audience where campaign_id = $1 and position > $2 and position <= $3`,
    [campaign.id, campaign.cursor, upTo],
  );
  const of = {
    tenant: campaign.tenant,
    brand: campaign.brand,
    year: campaign.parameters.year,
    timeZone: brand.timeZone,
    currency: brand.programme.currency,
    locale: brand.defaultLocale,
  };
  await db.query(
    `insert into messages (id, tenant, request_hash, lane, template, brand, member_id, data, campaign_id, pinned_version,
       state, next_at)
     select ${messageId('figured.member_id')}, $1, '', 'campaign', $9, $2, figured.member_id, jsonb_build_object('figures', figured.figures), $8::uuid,
       $10, 'queued', now()
     from (${yearFiguresSelect}) as figured
     where (
       select count(*) from laurel.profiles p join laurel.messages m on m.id = ${messageId('p.member_id')}
        where p.tenant = $1 and p.merged_into = figured.member_id) = 0
     on conflict do nothing`,
    [
      ...yearFiguresParameters(
        of,
        rows.map(({ member_id }) => member_id),
      ),
      campaign.id,
      campaign.template,
      campaign.pinnedVersion,
    ],
  );
}

/** @throws InvalidInput where the brand hasn't got the template a campaign would send */
export function checkCampaign(
  name: string,
  brand: Pick<Brand, 'id' | 'trades'>,
  templates: readonly Template[],
): void {
  const theirs = templates.filter((template) => isFor(template, brand));
  if (theirs.some((template) => template.name === name)) return;
  const campaigns = theirs.filter((template) => template.class === 'commercial');
  throw new InvalidInput([
    {
      path: 'campaign',
      message: `"${brand.id}" has no "${name}"; it has ${campaigns.map((one) => one.name).join(', ')}`,
    },
  ]);
}

/** The years a review can be made of: past ones and the running one. */
export function checkYear(year: number, now: Date): number {
  if (Number.isInteger(year) && year >= 2000 && year <= now.getUTCFullYear()) return year;
  throw new InvalidInput([
    { path: 'year', message: `must be a year from 2000 to ${now.getUTCFullYear()}` },
  ]);
}
