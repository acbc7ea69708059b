import type { Brand } from '../brand/brand.ts';
import type { Db } from '../postgres/pool.ts';
import { insertGiven, type NewRow } from '../postgres/table.ts';
import type { BrandOf, Known, Writes } from './batch.ts';
import { rootOf } from './identity/accounts.ts';
import { triggerInbox } from './tables.ts';

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
  const noted = events.flatMap(
    ({ source, id, memberId, type, at, document }): NewRow<typeof triggerInbox>[] => {
      if (memberId === null) return [];
      const account = known.members.get(memberId);
      const brand = account && brandOf(account.brand);
      if (!account || !brand || !listens(brand, type)) return [];
      const root = rootOf(known, memberId);
      return [{ brand: account.brand, memberId: root.memberId, source, id, type, at, document }];
    },
  );
  if (noted.length === 0) return;
  await db.query({
    name: 'note-for-triggers',
    text: insertGiven(triggerInbox),
    values: [tenant, JSON.stringify(noted)],
  });
}

/** Any event may be the one with which a member reaches a tier. */
const listens = ({ triggers }: Pick<Brand, 'triggers'>, type: string): boolean =>
  triggers !== undefined &&
  Object.values(triggers.triggers).some(
    ({ on }) => 'tierReached' in on || ('event' in on && on.event === type),
  );
