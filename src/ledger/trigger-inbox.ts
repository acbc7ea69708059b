import type { Brand } from '../brand/brand.ts';
import type { Db } from '../postgres/pool.ts';
import type { BrandOf, Known, Writes } from './batch.ts';
import { rootOf } from './identity/accounts.ts';

/**
 * Keeps of a batch's events those that a trigger of the member's brand listens to, for `src/trigger` to look at: in the same
 * transaction, so that none is missed and none is there that wasn't applied.
 */
export async function noteForTriggers(
  db: Db,
  tenant: string,
  events: Writes['events'],
  { known, brandOf }: { readonly known: Known; readonly brandOf: BrandOf },
): Promise<void> {
  const noted = events.flatMap(({ source, id, memberId, type, at, document }) => {
    if (memberId === null) return [];
    const account = known.members.get(memberId);
    const brand = account && brandOf(account.brand);
    if (!account || !brand || !listens(brand, type)) return [];
    const member = rootOf(known, memberId).memberId;
    return [{ brand: account.brand, member, source, id, type, at, document }];
  });
  if (noted.length === 0) return;
  await db.query({
    name: 'note-for-triggers',
    text: `insert into laurel.trigger_inbox (tenant, brand, member_id, source, id, type, at, document)
      select $1, brand, member, source, id, type, at, document
      from jsonb_to_recordset($2) as r(brand text, member text, source text, id text, type text, at timestamptz, document jsonb)`,
    values: [tenant, JSON.stringify(noted)],
  });
}

/** Any event may be the one with which a member reaches a tier. */
const listens = ({ triggers }: Pick<Brand, 'triggers'>, type: string): boolean =>
  triggers !== undefined &&
  Object.values(triggers.triggers).some(
    ({ on }) => 'tierReached' in on || ('event' in on && on.event === type),
  );
