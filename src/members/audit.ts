import type { Db } from '../postgres/pool.ts';
import { column, defineTable, insertRow, type NewRow } from '../postgres/table.ts';

/** @public for the comparison with the table itself */
export const memberAudit = defineTable('member_audit', {
  /** The public part of an API key, or `cli`. */
  actor: column.text(),
  action: column.text<'view' | 'entries' | 'affected-messages' | 'export' | 'erase'>(),
  memberId: column.text(),
});
export type Look = Omit<NewRow<typeof memberAudit>, 'memberId'>;

/** Notes who looked at, exported or erased whose data. */
export async function audit(db: Db, tenant: string, memberId: string, look: Look): Promise<void> {
  await insertRow(db, memberAudit, { tenant, memberId, ...look });
}
