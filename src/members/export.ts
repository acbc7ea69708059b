import { heldOfAccounts } from '../ledger/held-events.ts';
import { addressHash } from '../message/rows/guards.ts';
import { dataOf, type Packed } from '../message/rows/stored-message.ts';
import { endedAt } from '../message/rows/tables.ts';
import { decisionColumns, type DecisionColumns, decisionOf } from '../message/stored-decision.ts';
import type { Db } from '../postgres/pool.ts';

/** Where her facts are, and under which name they are exported. */
const parts = {
  accounts: 'members',
  identities: 'identities',
  consents: 'consents',
  erasureRequests: 'erasure_requests',
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
  /** Told of orders that haven't arrived; the events themselves are among `events`. */
  replacedEntries: 'replaced_entries',
  /** Which accounts were taken for her, and from when to when. */
  links: 'profile_accounts',
  lookups: 'member_audit',
  /** What others were told of them. */
  webhooks: 'webhook_deliveries',
} as const;

/** Where rows of one person are, and under which name they are exported. Other tables say nothing of anybody. */
export const exportedTables: ReadonlyMap<string, string> = new Map([
  ...Object.entries(parts).map(([name, table]) => [table, name] as const),
  ['profiles', 'profile'],
  ['messages', 'messages'],
  // Each message's key is among its fields.
  ['message_keys', 'messages'],
  ['suppressions', 'suppressions'],
  ['pool_codes', 'coupons'],
  ['delivery_feedback', 'feedback'],
  ['trigger_firings', 'triggers'],
  ['trigger_inbox', 'triggers'],
  ['held_events', 'heldEvents'],
  ['campaign_audience', 'audiences'],
  ['campaign_exclusions', 'audiences'],
  ['campaign_group_members', 'audiences'],
]);

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
  /** What was told of mails to her after they had left. */
  readonly feedback: Rows;
  /** Told of her by webhooks, and not applied yet. */
  readonly heldEvents: Rows;
  /** What triggers made, or didn't make, of what happened to them. */
  readonly triggers: Rows;
  /** Campaigns she was chosen for. */
  readonly audiences: Rows;
} & { readonly [Name in keyof typeof parts]: Rows };

/** What else is of these accounts, `$2`. */
const others = {
  triggers: `select to_jsonb(t) - 'tenant' as row from laurel.trigger_firings t where tenant = $1 and member_id = any($2)
     union all select to_jsonb(i) - 'tenant' from laurel.trigger_inbox i where tenant = $1 and member_id = any($2)`,
  heldEvents: `select to_jsonb(h) - 'tenant' as row from laurel.held_events h
      where h.tenant = $1 and (h.source, h.id) in (${heldOfAccounts})`,
  audiences: `select jsonb_build_object('campaign_id', c.id, 'template', c.template, 'brand', c.brand, 'parameters', c.parameters,
              'created_at', c.created_at, 'member_id', a.member_id, 'as', a.role, 'data', a.data) as row
       from laurel.campaigns c join (
         select campaign_id, member_id, 'chosen' as role, data from laurel.campaign_audience where member_id = any($2)
         union all
         select campaign_id, member_id, 'excluded', null from laurel.campaign_exclusions where member_id = any($2)
         union all
         select campaign_id, member_id, 'first in ' || group_name, null from laurel.campaign_group_members
          where tenant = $1 and member_id = any($2)) a on a.campaign_id = c.id
      where c.tenant = $1`,
  poolCodes: `select to_jsonb(c) - 'tenant' as row from laurel.pool_codes c where tenant = $1 and member_id = any($2)`,
} as const;

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
  const { rows: stored } = await db.query<
    DecisionColumns & Packed & { row: Record<string, unknown> }
  >(
    `select to_jsonb(m) - '{tenant,token,lease_until,job_at,request_hash,filed_at,data,packed_data,decision,decided,packed_decision,ledger_version}'::text[]
              || jsonb_build_object('finished_at', ${endedAt('finished_at')}) as row, data, packed_data as "packedData", ${decisionColumns}
       from laurel.messages m
      where tenant = $1 and (member_id = any($2) or member_id is null and (lower(email) = any($3) or decision -> 'basis' ->> 'memberId' = any($2))) order by accepted_at`,
    [tenant, accounts, emails],
  );
  const messages: Record<string, unknown>[] = [];
  for (const { row, data, packedData, ...columns } of stored) {
    const decision = await decisionOf(db, columns);
    messages.push({ ...row, data: await dataOf(db, { data, packedData }), decision });
  }
  const suppressions = await rowsOf(
    `select to_jsonb(s) - 'tenant' as row from laurel.suppressions s where tenant = $1 and address_hash = any($2)`,
    [tenant, emails.map(addressHash)],
  );
  const feedback = await rowsOf(
    `select to_jsonb(f) - '{tenant,proof}'::text[] as row from laurel.delivery_feedback f
      where tenant = $1 and (address_hash = any($2) or message_id = any($3::uuid[])) order by at`,
    [tenant, emails.map(addressHash), stored.map(({ row }) => row['id'])],
  );
  const othersOf = (name: keyof typeof others) => rowsOf(others[name], [tenant, accounts]);
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
    erasureRequests: of('erasureRequests'),
    purchases: of('purchases'),
    purchaseLines: of('purchaseLines'),
    pointsEntries: of('pointsEntries'),
    pointRedemptions: of('pointRedemptions'),
    engagements: of('engagements'),
    rewardClaims: of('rewardClaims'),
    coupons: [...of('coupons'), ...(await othersOf('poolCodes'))],
    bonuses: of('bonuses'),
    redemptions: of('redemptions'),
    tierChanges: of('tierChanges'),
    signals: of('signals'),
    events: of('events'),
    replacedEntries: of('replacedEntries'),
    links: of('links'),
    lookups: of('lookups'),
    webhooks: of('webhooks'),
    messages,
    suppressions,
    feedback,
    triggers: await othersOf('triggers'),
    heldEvents: await othersOf('heldEvents'),
    audiences: await othersOf('audiences'),
  };
}
