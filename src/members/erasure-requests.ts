import { z } from 'zod';

import { Instant } from '../core/instant.ts';
import type { Db } from '../postgres/pool.ts';
import { column, defineTable, insertRow, type NewRow, readRows } from '../postgres/table.ts';

/** Members who asked, on the preference page, to be erased. Erasing them ends it. */
export const erasureRequests = defineTable('erasure_requests', {
  memberId: column.text(),
  brand: column.text(),
  askedAt: column.isoTime(),
  proof: column.text(),
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
  request: NewRow<typeof erasureRequests>,
): Promise<void> {
  await insertRow(
    db,
    erasureRequests,
    { tenant, ...request },
    'on conflict (tenant, member_id) do nothing',
  );
}

/** When a member asked; null where they didn't. */
export async function askedForErasure(
  db: Db,
  tenant: string,
  memberId: string,
): Promise<Date | null> {
  const [request] = await readRows(db, erasureRequests, 'where tenant = $1 and member_id = $2', [
    tenant,
    memberId,
  ]);
  return request ? new Date(request.askedAt) : null;
}

/** Who waits to be erased, whoever has waited longest first. */
export async function listErasureRequests(db: Db, tenant: string): Promise<ErasureRequest[]> {
  return readRows(db, erasureRequests, 'where tenant = $1 order by asked_at, member_id', [tenant]);
}
