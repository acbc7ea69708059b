import { z } from 'zod';

import { ConsentBasis } from '../contract/profile.ts';
import type { Db } from '../postgres/pool.ts';

const At = z.string();
const Count = z.coerce.number();

export const Entry = z.strictObject({
  at: At,
  kind: z.string().describe('earn, spend, expire, adjust, lock, release, activate or reverse'),
  points: Count,
  qualifyingPoints: Count,
  /** The order, booking or bonus it belongs to. */
  ref: z.string().nullable(),
  reason: z.string().nullable(),
  expiresAt: At.nullable(),
  ledgerVersion: Count,
  account: z.string(),
});
export type Entry = z.infer<typeof Entry>;

export const Details = z.strictObject({
  identities: z.array(
    z.strictObject({ kind: z.string(), value: z.string(), linkedAt: At, account: z.string() }),
  ),
  consents: z.array(
    z.strictObject({
      purpose: z.string(),
      granted: z.boolean(),
      source: z.string(),
      at: At,
      proof: z.string().nullable(),
      basis: ConsentBasis.nullable(),
    }),
  ),
  purchases: z.array(
    z.strictObject({
      orderId: z.string(),
      at: At,
      channel: z.string(),
      store: z.string().nullable(),
      amount: Count,
      currency: z.string(),
      state: z.string(),
      products: z.array(z.string()),
    }),
  ),
  entries: z.array(Entry),
  /** When they asked to be erased. */
  erasureAskedAt: At.nullable(),
  debt: z.int().nonnegative(),
});
export type Details = z.infer<typeof Details>;

const entryColumns = `'at', at, 'kind', kind, 'points', points, 'qualifyingPoints', qualifying, 'ref', ref,
  'reason', reason, 'expiresAt', case when isfinite(expires_at) then expires_at end,
  'ledgerVersion', ledger_version, 'account', member_id`;

/** What support asks about besides the profile, in one statement. Products by name in `locale` where they have one. */
export async function memberDetails(
  db: Db,
  tenant: string,
  accounts: readonly string[],
  { locale, purchases, entries }: { locale: string; purchases: number; entries: number },
): Promise<Details> {
  const { rows } = await db.query<{ details: unknown }>({
    name: 'member-details',
    text: `select jsonb_build_object(
      'identities', (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'value', canonical, 'linkedAt', linked_at,
          'account', member_id) order by kind, canonical), '[]')
         from laurel.identities where tenant = $1 and member_id = any($2)),
      'consents', (select coalesce(jsonb_agg(jsonb_build_object('purpose', purpose, 'granted', granted, 'source', source,
          'at', at, 'proof', proof, 'basis', basis) order by purpose), '[]')
         from (select distinct on (purpose) * from laurel.consents where tenant = $1 and member_id = any($2)
                order by purpose, at desc, ledger_version desc, member_id) as latest),
      'purchases', (select coalesce(jsonb_agg(jsonb_build_object('orderId', order_id, 'at', placed_at, 'channel', channel,
          'store', store, 'amount', total, 'currency', currency, 'state', state, 'products', (
            select coalesce(jsonb_agg(coalesce(p.document -> 'name' ->> $3, p.document -> 'name' ->> 'en', l.product_id)
                              order by l.unit_price desc, l.n), '[]')
              from laurel.purchase_lines l
              left join laurel.products p on p.tenant = l.tenant and p.brand = b.brand and p.product_id = l.product_id
             where l.tenant = $1 and l.member_id = b.member_id and l.order_id = b.order_id
               and l.kind = 'product'))
            order by placed_at desc, order_id), '[]')
         from (select * from laurel.purchases where tenant = $1 and member_id = any($2) and placed_at is not null
                order by placed_at desc, order_id limit $4) as b),
      'entries', (select coalesce(jsonb_agg(jsonb_build_object(${entryColumns})
            order by at desc, ledger_version desc, member_id, n desc), '[]')
         from (select * from laurel.points_entries where tenant = $1 and member_id = any($2)
                order by at desc, ledger_version desc, member_id, n desc limit $5) as e),
      'erasureAskedAt', (select min(asked_at) from laurel.erasure_requests where tenant = $1 and member_id = any($2)),
      'debt', coalesce((select (document -> 'points' ->> 'debt')::bigint from laurel.profiles
                where tenant = $1 and member_id = ($2::text[])[1]), 0)) as details`,
    values: [tenant, accounts, locale, purchases, entries],
  });
  return Details.parse(rows[0]?.details);
}

/**
 * Movements of points, the latest first. Those of one instant are always on one page, which may then be longer than `limit`.
 * @param before only those before this instant
 */
export async function memberEntries(
  db: Db,
  tenant: string,
  accounts: readonly string[],
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<Entry[]> {
  const { rows } = await db.query<{ entry: unknown }>(
    `select jsonb_build_object(${entryColumns}) as entry
       from (select * from laurel.points_entries
              where tenant = $1 and member_id = any($2) and at < coalesce($3::timestamptz, 'infinity')
              order by at desc fetch first $4 rows with ties) as e
      order by at desc, ledger_version desc, member_id, n desc`,
    [tenant, accounts, before ?? null, limit],
  );
  return rows.map(({ entry }) => Entry.parse(entry));
}
