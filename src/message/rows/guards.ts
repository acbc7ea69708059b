import { createHash } from 'node:crypto';

import type { Suppression } from '../../contract/facts.ts';
import { canonicalAddress } from '../../core/address.ts';
import { memo } from '../../core/memo.ts';
import type { Db } from '../../postgres/pool.ts';
import type { NewRow } from '../../postgres/table.ts';
import type { suppressions } from './tables.ts';

/** What must not stand against a message: asked before it is decided, and again before it is handed over. */
export type GuardKey = {
  readonly tenant: string;
  readonly address: string;
  readonly about: readonly string[];
};
export type Guards = {
  readonly suppression: Suppression | null;
  readonly cancelled: ReadonlyMap<string, Date>;
};

/** The form under which an address is suppressed: every spelling of it has the same hash. */
export const addressHash = (address: string): string => hashOf(canonicalAddress(address));

const hashed = (text: string) => createHash('sha256').update(text).digest('hex');
const known = memo(hashed, 2_000);
/** What is too long for an address isn't worth remembering. */
const hashOf = (text: string) => (text.length > 254 ? hashed(text) : known(text));

type GuardRow =
  | ({ kind: 'suppression'; tenant: string; key: string } & Suppression)
  | { kind: 'cancelled'; tenant: string; key: string; at: Date };

/** Suppressions and cancelled subjects for many messages, in one statement, in their order. */
export async function readGuards(db: Db, keys: readonly GuardKey[]): Promise<Guards[]> {
  const hashes = keys.map(({ address }) => addressHash(address));
  const subjects = keys.flatMap(({ tenant, about }) =>
    about.map((subject) => ({ tenant, subject })),
  );
  const { rows } = await db.query<GuardRow>({
    name: 'read-guards',
    text: `
      select 'suppression' as kind, s.tenant, s.address_hash as key, s.scope, s.reason, s.suppressed_at as at
      from unnest($1::text[], $2::text[]) as wanted(tenant, hash)
      join suppressions s on s.tenant = wanted.tenant and s.address_hash = wanted.hash and s.counts_from <= now()
      union all
      select 'cancelled', c.tenant, c.subject, null, null, c.cancelled_at
      from unnest($3::text[], $4::text[]) as wanted(tenant, subject)
      join cancelled_subjects c on c.tenant = wanted.tenant and c.subject = wanted.subject`,
    values: [
      keys.map(({ tenant }) => tenant),
      hashes,
      subjects.map(({ tenant }) => tenant),
      subjects.map(({ subject }) => subject),
    ],
  });
  if (rows.length === 0) return keys.map(() => ({ suppression: null, cancelled: new Map() }));

  const suppressions = new Map<string, Suppression>();
  const cancelled = new Map<string, Date>();
  for (const row of rows) {
    const key = `${row.tenant}\n${row.key}`;
    if (row.kind === 'cancelled') cancelled.set(key, row.at);
    // An address may be suppressed twice; the wider scope counts.
    else if (suppressions.get(key)?.scope !== 'all') suppressions.set(key, row);
  }
  return keys.map(({ tenant, about }, index) => ({
    suppression: suppressions.get(`${tenant}\n${hashes[index]}`) ?? null,
    cancelled: new Map(
      about.flatMap((subject) => {
        const at = cancelled.get(`${tenant}\n${subject}`);
        return at ? [[subject, at] as const] : [];
      }),
    ),
  }));
}

type Entry = Omit<NewRow<typeof suppressions>, 'tenant' | 'suppressedAt' | 'countsFrom'>;

/**
 * Puts an entry on the list. An erased address is kept as its hash alone, whatever it was suppressed for before or is from then
 * on; what counts from now on takes the place of what is not sure yet.
 */
async function suppress(db: Db, tenant: string, entry: Entry, unsureSeconds = 0): Promise<void> {
  await db.query(
    `insert into suppressions as t (tenant, address_hash, scope, reason, address, source, refused_message, counts_from)
     values ($1, $2, $3, $4, case when not exists (
       select from suppressions e where e.tenant = $1 and e.address_hash = $2 and e.reason = 'erased') then $5::text end,
       $6, $7, now() + make_interval(secs => $8))
     on conflict (tenant, address_hash, scope) do update
       set reason = excluded.reason, source = excluded.source, counts_from = least(t.counts_from, excluded.counts_from),
         refused_message = null, address = case when excluded.reason <> 'erased' then coalesce(excluded.address, t.address) end
       where excluded.reason = 'erased' or (t.counts_from > now() and excluded.counts_from <= now())`,
    [
      tenant,
      entry.addressHash,
      entry.scope,
      entry.reason,
      entry.address,
      entry.source,
      entry.refusedMessage,
      unsureSeconds,
    ],
  );
}

/** Leaves of an address its hash on the suppression list: in every entry there is, and in those to come. */
export async function forgetAddress(db: Db, tenant: string, address: string): Promise<void> {
  await suppressAddress(db, tenant, { address, reason: 'erased', scope: 'all', source: 'erased' });
  const values = [tenant, addressHash(address)];
  await db.query(
    'update suppressions set address = null where tenant = $1 and address_hash = $2',
    values,
  );
  await db.query(
    'update delivery_feedback set address_hash = null, detail = null where tenant = $1 and address_hash = $2',
    values,
  );
}

/** Puts an address on the suppression list. Effective at once, also for what is already waiting. */
export const suppressAddress = (
  db: Db,
  tenant: string,
  { address, ...entry }: Pick<Entry, 'reason' | 'scope' | 'source'> & { readonly address: string },
): Promise<void> =>
  suppress(db, tenant, {
    ...entry,
    addressHash: addressHash(address),
    address: entry.reason === 'erased' ? null : canonicalAddress(address),
    refusedMessage: null,
  });

/**
 * The mail server refused a message for its recipient. Where it didn't say that nobody is there, the address is suppressed
 * after `unsureSeconds`: should everybody be refused until then, it wasn't about her, and `requeueRefused` undoes it.
 */
export const suppressRefused = (
  db: Db,
  tenant: string,
  refused: { readonly address: string; readonly messageId: string; readonly sure: boolean },
  unsureSeconds: number,
): Promise<void> =>
  suppress(
    db,
    tenant,
    {
      addressHash: addressHash(refused.address),
      scope: 'all',
      reason: 'hard-bounce',
      address: canonicalAddress(refused.address),
      source: 'smtp',
      refusedMessage: refused.sure ? null : refused.messageId,
    },
    refused.sure ? 0 : unsureSeconds,
  );

/** The same where only the hash is known: an unsubscribe link carries no address. */
export const suppressHash = (
  db: Db,
  tenant: string,
  entry: Pick<Entry, 'reason' | 'scope' | 'source' | 'addressHash'>,
): Promise<void> => suppress(db, tenant, { ...entry, address: null, refusedMessage: null });

/** Why an address of which only the hash is known may not be mailed, and who said so; the wider scope counts. */
export async function suppressionOf(
  db: Db,
  tenant: string,
  hash: string,
): Promise<(Suppression & { readonly source: string }) | null> {
  const { rows } = await db.query<Suppression & { source: string }>(
    `select scope, reason, suppressed_at as at, source from suppressions
      where tenant = $1 and address_hash = $2 and counts_from <= now() order by scope limit 1`,
    [tenant, hash],
  );
  return rows[0] ?? null;
}

/** Somebody who had unsubscribed an address subscribes it again: takes off what these sources wrote, and nothing else. */
export async function liftUnsubscribed(
  db: Db,
  tenant: string,
  hash: string,
  sources: readonly string[],
): Promise<void> {
  await db.query(
    `delete from suppressions where tenant = $1 and address_hash = $2 and scope = 'commercial'
        and reason = 'unsubscribe' and source = any($3)`,
    [tenant, hash, sources],
  );
}

/** Takes an address off the list. Returns false when it wasn't on it. */
export async function unsuppressAddress(db: Db, tenant: string, address: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'delete from suppressions where tenant = $1 and address_hash = $2',
    [tenant, addressHash(address)],
  );
  return (rowCount ?? 0) > 0;
}

/** From now on every message about these subjects is suppressed, also those enqueued before and later (S12). */
export async function cancelSubjects(
  db: Db,
  tenant: string,
  subjects: readonly string[],
  /** When it was cancelled; now, by the database's clock, when left out. */
  at: Date | null = null,
): Promise<void> {
  await db.query(
    `insert into cancelled_subjects (tenant, subject, cancelled_at) select $1, unnest($2::text[]), coalesce($3, now())
     on conflict (tenant, subject) do nothing`,
    [tenant, subjects, at],
  );
}

/** A cancellation made by mistake. Messages already suppressed stay so. */
export async function reinstateSubject(db: Db, tenant: string, subject: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'delete from cancelled_subjects where tenant = $1 and subject = $2',
    [tenant, subject],
  );
  return (rowCount ?? 0) > 0;
}
