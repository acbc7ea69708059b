import { isRecord } from '../../core/is-record.ts';
import type { Db } from '../../postgres/pool.ts';

/** A row as it is stored, without its tenant. */
type Stored = Readonly<Record<string, unknown>>;
export type Difference = {
  readonly memberId: string;
  /** Table, row and field, such as `points_entries[12,0].points` or `profiles.document.points.active`. */
  readonly path: string;
  readonly stored: unknown;
  readonly recomputed: unknown;
};

/** What can be computed from events, and what tells an account's rows apart. Columns named `member_id` are the account. */
const tables: readonly { readonly name: string; readonly key: readonly string[] }[] = [
  { name: 'profiles', key: [] },
  { name: 'members', key: [] },
  { name: 'identities', key: ['kind', 'canonical'] },
  { name: 'profile_accounts', key: ['account', 'since_version'] },
  { name: 'consents', key: ['ledger_version', 'purpose'] },
  { name: 'points_entries', key: ['ledger_version', 'n'] },
  { name: 'replaced_entries', key: ['ledger_version', 'n'] },
  { name: 'purchases', key: ['order_id'] },
  { name: 'purchase_lines', key: ['order_id', 'n'] },
  { name: 'coupons', key: ['code'] },
  { name: 'bonuses', key: ['bonus_id'] },
  { name: 'redemptions', key: ['ledger_version'] },
  { name: 'tier_changes', key: ['ledger_version'] },
  { name: 'engagements', key: ['ledger_version'] },
  { name: 'reward_claims', key: ['reward_id'] },
];

/** By table and account; each row as text too, because numbers beyond 2^53 must survive. */
export type Rows = ReadonlyMap<
  string,
  ReadonlyMap<string, readonly { readonly row: Stored; readonly text: string }[]>
>;

/** All rows of these accounts, of one tenant. */
export async function readTables(
  db: Db,
  tenant: string,
  accounts: readonly string[],
): Promise<Rows> {
  const all = new Map<string, Map<string, { row: Stored; text: string }[]>>();
  for (const { name } of tables) {
    const { rows } = await db.query<{ memberId: string; row: Stored; text: string }>(
      // Which code wrote it last is no difference.
      `select t.member_id as "memberId", to_jsonb(t) - 'tenant' - 'document_seal' as row,
              (to_jsonb(t) - 'tenant' - 'document_seal')::text as text
         from laurel.${name} t where tenant = $1 and member_id = any($2)`,
      [tenant, accounts],
    );
    const byAccount = new Map<string, { row: Stored; text: string }[]>();
    for (const { memberId, ...one } of rows)
      byAccount.set(memberId, [...(byAccount.get(memberId) ?? []), one]);
    all.set(name, byAccount);
  }
  return all;
}

/** What differs, account by account and field by field. */
export function differences(
  accounts: readonly string[],
  stored: Rows,
  recomputed: Rows,
): Difference[] {
  return accounts.flatMap((memberId) =>
    tables.flatMap(({ name, key }) => {
      const before = byKey(stored.get(name)?.get(memberId) ?? [], key);
      const after = byKey(recomputed.get(name)?.get(memberId) ?? [], key);
      return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
        const [one, other] = [before.get(id), after.get(id)];
        if (one?.text === other?.text) return [];
        const path = id === '' ? name : `${name}[${id}]`;
        return fieldsOf(path, one?.row, other?.row).map((found) => ({ memberId, ...found }));
      });
    }),
  );
}

const byKey = (
  rows: readonly { readonly row: Stored; readonly text: string }[],
  key: readonly string[],
) => new Map(rows.map((one) => [key.map((column) => String(one.row[column])).join(','), one]));

function fieldsOf(
  path: string,
  stored: unknown,
  recomputed: unknown,
): { path: string; stored: unknown; recomputed: unknown }[] {
  if (isRecord(stored) && isRecord(recomputed))
    return [...new Set([...Object.keys(stored), ...Object.keys(recomputed)])].flatMap((field) =>
      fieldsOf(`${path}.${field}`, stored[field], recomputed[field]),
    );
  return JSON.stringify(stored) === JSON.stringify(recomputed)
    ? []
    : [{ path, stored: stored ?? null, recomputed: recomputed ?? null }];
}

/** Puts these rows in the place of what is stored of the accounts. */
export async function replaceRows(
  db: Db,
  tenant: string,
  accounts: readonly string[],
  rows: Rows,
): Promise<void> {
  for (const { name } of tables) {
    await db.query(`delete from laurel.${name} where tenant = $1 and member_id = any($2)`, [
      tenant,
      accounts,
    ]);
    const texts = accounts.flatMap((id) => (rows.get(name)?.get(id) ?? []).map(({ text }) => text));
    await db.query(
      `insert into laurel.${name}
       select filled.* from unnest($2::text[]) as said,
              jsonb_populate_record(null::laurel.${name}, said::jsonb || jsonb_build_object('tenant', $1::text)) as filled`,
      [tenant, texts],
    );
  }
}
