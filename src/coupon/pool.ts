import { randomInt } from 'node:crypto';

import { z } from 'zod';

import { InvalidInput } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { column, defineTable, type NewRow, nullable, only, readRows } from '../postgres/table.ts';

export const poolCodes = defineTable('pool_codes', {
  tenant: column.text(),
  brand: column.text(),
  offerId: column.text(),
  code: column.text(),
  /** Whose it is; null: it is free. */
  memberId: nullable(column.text()),
  committedAt: nullable(column.timestamp()),
});
/** Which offer's. */
export type PoolKey = Pick<NewRow<typeof poolCodes>, 'tenant' | 'brand' | 'offerId'>;

export const mustBe = 'must be 3 to 64 letters, digits, - _ or .';

/** What is printed in a mail and typed at a till. */
export const CouponCode = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{2,63}$/, mustBe);

/**
 * Adds codes to an offer's pool; one it has already stays as it is. Returns how many are new.
 * @throws InvalidInput `codes` where one is another offer's: at a till nobody could tell which
 */
export async function addCodes(
  db: Db,
  { tenant, brand, offerId }: PoolKey,
  codes: readonly string[],
): Promise<number> {
  const { rowCount } = await db.query(
    `insert into pool_codes (tenant, brand, offer_id, code) select $1, $2, $3, code from unnest($4::text[]) as code
     order by code on conflict do nothing`,
    [tenant, brand, offerId, codes],
  );
  const rows = await readRows(
    db,
    only(poolCodes, 'code, offerId'),
    'where tenant = $1 and brand = $2 and code = any($4) and offer_id <> $3 limit 3',
    [tenant, brand, offerId, codes],
  );
  if (rows.length > 0) {
    const taken = rows.map((one) => `${one.code} (${one.offerId})`).join(', ');
    throw new InvalidInput([{ path: 'codes', message: `are in other offers' pools: ${taken}` }]);
  }
  return rowCount ?? 0;
}

/** None that look alike, and no vowels that make words. */
const letters = '23456789BCDFGHJKLMNPQRSTVWXYZ';
const generatedLength = 10;

/** A code nobody can guess: some 4 × 10¹⁴ there are. */
export const newCode = (prefix: string): string =>
  prefix +
  Array.from({ length: generatedLength }, () => letters[randomInt(letters.length)]).join('');

export type Pool = {
  readonly brand: string;
  readonly offerId: string;
  readonly free: number;
  readonly reserved: number;
  readonly committed: number;
};

/** A tenant's pools and how many of their codes are in which state, as of the last settling. */
export async function listPools(db: Db, tenant: string): Promise<Pool[]> {
  const { rows } = await db.query<Pool>(
    `select brand, offer_id as "offerId", count(*) filter (where member_id is null)::int as free,
       count(*) filter (where member_id is not null and committed_at is null)::int as reserved,
       count(*) filter (where committed_at is not null)::int as committed
     from pool_codes where tenant = $1 group by 1, 2 order by 1, 2`,
    [tenant],
  );
  return rows;
}

/** How many codes of an offer's pool nobody has. */
export async function freeCodes(db: Db, { tenant, brand, offerId }: PoolKey): Promise<number> {
  const { rows } = await db.query<{ free: number }>(
    `select count(*)::int as free from pool_codes
      where tenant = $1 and brand = $2 and offer_id = $3 and member_id is null`,
    [tenant, brand, offerId],
  );
  return rows[0]?.free ?? 0;
}
