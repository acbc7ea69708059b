import { z } from 'zod';

import { Instant } from '../core/instant.ts';
import type { Db } from '../postgres/pool.ts';
import { defineTable, isoTime, type Row, selected, text } from '../postgres/table.ts';

/** Members who asked, on the preference page, to be erased. Erasing them ends it. */
export const erasureRequests = defineTable('erasure_requests', {
  memberId: text(),
  brand: text(),
  askedAt: isoTime(),
  proof: text(),
});

export const ErasureRequest = z.strictObject({
  memberId: z.string(),
  brand: z.string(),
  askedAt: Instant,
  proof: z.string().describe('What shows that they asked: the link and the browser, as hashes.'),
});
export type ErasureRequest = z.infer<typeof ErasureRequest>;

/** Asking again changes nothing. */
export async function askErasure(
  db: Db,
  tenant: string,
  { memberId, brand, askedAt, proof }: Row<typeof erasureRequests>,
): Promise<void> {
  await db.query(
    `insert into laurel.erasure_requests (tenant, member_id, brand, asked_at, proof) values ($1, $2, $3, $4, $5)
     on conflict (tenant, member_id) do nothing`,
    [tenant, memberId, brand, askedAt, proof],
  );
}

/** When a member asked; null where they didn't. */
export async function askedForErasure(
  db: Db,
  tenant: string,
  memberId: string,
): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date }>(
    'select asked_at as at from laurel.erasure_requests where tenant = $1 and member_id = $2',
    [tenant, memberId],
  );
  return rows[0]?.at ?? null;
}

/** Who waits to be erased, whoever has waited longest first. */
export async function listErasureRequests(db: Db, tenant: string): Promise<ErasureRequest[]> {
  const { rows } = await db.query<Row<typeof erasureRequests>>(
    `select ${selected(erasureRequests)} from laurel.erasure_requests where tenant = $1 order by asked_at, member_id`,
    [tenant],
  );
  return rows;
}
