import type { Db } from '../postgres/pool.ts';
import { addressHash } from '../stores/guards.ts';

/** Where her facts are, and under which name they are exported. */
const parts = {
  accounts: 'members',
  identities: 'identities',
  consents: 'consents',
  purchases: 'purchases',
  purchaseLines: 'purchase_lines',
  pointsEntries: 'points_entries',
  pointRedemptions: 'point_redemptions',
  engagements: 'engagements',
  rewardClaims: 'reward_claims',
  coupons: 'coupons',
  bonuses: 'bonuses',
  redemptions: 'redemptions',
  tierChanges: 'tier_changes',
  signals: 'signals',
  events: 'events',
  lookups: 'member_audit',
} as const;
/** Tables whose rows are in it one by one. */
export const exportedTables: readonly string[] = Object.values(parts);

const names = Object.keys(parts).filter((name): name is keyof typeof parts => name in parts);

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Everything Laurel knows of one person. `format` rises when something in it changes its meaning. */
export type MemberExport = {
  readonly format: 'laurel-member/1';
  readonly exportedAt: string;
  readonly memberId: string;
  /** The row mails are made from, as of its `asOf`. */
  readonly profile: unknown;
  /** Messages to her, with their data, decision and the address they went to. Laurel keeps no mail bodies. */
  readonly messages: Rows;
  readonly suppressions: Rows;
} & { readonly [Name in keyof typeof parts]: Rows };

/** A statement a kind of thing, all within the transaction of the caller: as of one instant, of all her accounts. */
export async function exportMember(
  db: Db,
  tenant: string,
  memberId: string,
  accounts: readonly string[],
  now: Date,
): Promise<MemberExport> {
  const rowsOf = async (sql: string, values: readonly unknown[]): Promise<Rows> => {
    const { rows } = await db.query<{ row: Record<string, unknown> }>(sql, [...values]);
    return rows.map(({ row }) => row);
  };
  const facts: Partial<Record<keyof typeof parts, Rows>> = {};
  for (const name of names) {
    facts[name] = await rowsOf(
      `select to_jsonb(t) - 'tenant' as row from laurel.${parts[name]} as t where tenant = $1 and member_id = any($2)`,
      [tenant, accounts],
    );
  }
  const emails = (facts.identities ?? []).flatMap(({ kind, canonical }) =>
    kind === 'email' && typeof canonical === 'string' ? [canonical] : [],
  );
  const messages = await rowsOf(
    `select to_jsonb(m) - '{tenant,token,lease_until,job_at,request_hash}'::text[] as row from laurel.messages m
      where tenant = $1 and (member_id = any($2) or member_id is null and lower(email) = any($3)) order by accepted_at`,
    [tenant, accounts, emails],
  );
  const suppressions = await rowsOf(
    `select to_jsonb(s) - 'tenant' as row from laurel.suppressions s where tenant = $1 and address_hash = any($2)`,
    [tenant, emails.map(addressHash)],
  );
  const profile = await rowsOf(
    'select document as row from laurel.profiles where tenant = $1 and member_id = $2',
    [tenant, memberId],
  );
  const of = (name: keyof typeof parts): Rows => facts[name] ?? [];
  return {
    format: 'laurel-member/1',
    exportedAt: now.toISOString(),
    memberId,
    profile: profile[0] ?? null,
    accounts: of('accounts'),
    identities: of('identities'),
    consents: of('consents'),
    purchases: of('purchases'),
    purchaseLines: of('purchaseLines'),
    pointsEntries: of('pointsEntries'),
    pointRedemptions: of('pointRedemptions'),
    engagements: of('engagements'),
    rewardClaims: of('rewardClaims'),
    coupons: of('coupons'),
    bonuses: of('bonuses'),
    redemptions: of('redemptions'),
    tierChanges: of('tierChanges'),
    signals: of('signals'),
    events: of('events'),
    lookups: of('lookups'),
    messages,
    suppressions,
  };
}
