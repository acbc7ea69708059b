import type { Db } from '../postgres/pool.ts';

export type Look = {
  /** The public part of an API key, or `cli`. */
  readonly actor: string;
  readonly action: 'view' | 'entries' | 'affected-messages' | 'export' | 'erase';
};

/** Notes who looked at, exported or erased whose data. */
export async function audit(
  db: Db,
  tenant: string,
  memberId: string,
  { actor, action }: Look,
): Promise<void> {
  await db.query(
    'insert into laurel.member_audit (tenant, actor, action, member_id) values ($1, $2, $3, $4)',
    [tenant, actor, action, memberId],
  );
}
