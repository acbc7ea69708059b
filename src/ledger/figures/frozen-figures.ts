import { groupBy } from '../../core/group-by.ts';
import type { Db } from '../../postgres/pool.ts';
import type { BrandOf } from '../batch.ts';
import { yearFigures } from './year-figures.ts';

type Waiting = {
  readonly id: string;
  readonly memberId: string;
  readonly campaignId: string;
  readonly brand: string;
  /** Null where the campaign counts no figures. */
  readonly year: number | null;
  readonly waiting: boolean;
};

/**
 * Where accounts were linked or parted since a campaign made its messages, a person keeps one message of each campaign: her
 * own, or the one that left already. A year in review carries figures that were counted then: those of what still waits are
 * counted again.
 *
 * @param members the member that each account concerned belongs to now
 */
export async function countFrozenFiguresAgain(
  db: Db,
  tenant: string,
  members: ReadonlyMap<string, string>,
  brandOf: BrandOf,
): Promise<void> {
  const { rows } = await db.query<Waiting>(
    `select m.id, m.member_id as "memberId", m.campaign_id as "campaignId", m.brand,
            (c.parameters ->> 'year')::int as year, m.state in ('queued', 'held') as waiting
       from laurel.messages m join laurel.campaigns c on c.id = m.campaign_id
      where m.tenant = $1 and m.member_id = any($2) and m.state in ('queued', 'held', 'sending', 'sent')
      order by m.id for update of m`,
    [tenant, [...members.keys()]],
  );
  const ofPerson = groupBy(
    rows,
    (row) => `${row.campaignId} ${members.get(row.memberId) ?? row.memberId}`,
  );
  const kept: Waiting[] = [];
  const doubles: Waiting[] = [];
  for (const messages of ofPerson.values()) {
    const chosen =
      messages.find(({ waiting }) => !waiting) ??
      messages.find(({ memberId }) => members.get(memberId) === memberId) ??
      messages[0];
    for (const one of messages) if (one.waiting) (one === chosen ? kept : doubles).push(one);
  }
  await db.query(
    `update laurel.messages_open set state = 'cancelled', reason = 'accounts-merged', finished_at = now(), job_at = null
      where id = any($1)`,
    [doubles.map(({ id }) => id)],
  );
  for (const message of kept) await countAgain(db, tenant, message, brandOf);
}

async function countAgain(
  db: Db,
  tenant: string,
  { id, memberId, brand: brandId, year }: Waiting,
  brandOf: BrandOf,
): Promise<void> {
  const brand = brandOf(brandId);
  if (!brand || year === null) return;
  const of = {
    tenant,
    brand: brandId,
    year,
    timeZone: brand.timeZone,
    currency: brand.programme.currency,
    locale: brand.defaultLocale,
  };
  const [figures] = (await yearFigures(db, of, [memberId])).values();
  await db.query(
    `update laurel.messages_open set data = jsonb_set(data, '{figures}', $2) where id = $1`,
    [id, JSON.stringify(figures)],
  );
}
