import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { PermanentError } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import {
  allBut,
  column,
  defineTable,
  nullable,
  only,
  readRows,
  type Row,
  selected,
} from '../postgres/table.ts';

/**
 * What a key may do. `send`: hand in and take back messages, cancellations and events. `read`: look at a tenant's messages and
 * campaigns, and at members with masked identities. `personal`: members unmasked, their export and erasure. `manage`: campaigns,
 * suppressions, putting messages back in line. `operate`: the installation's metrics and queues.
 */
export const apiScopes = ['send', 'read', 'personal', 'manage', 'operate'] as const;
export type ApiScope = (typeof apiScopes)[number];

/** @public for the comparison with the table itself */
export const apiKeys = defineTable('api_keys', {
  /** The public part, by which a key is named in lists and logs. */
  prefix: column.text(),
  keyHash: column.text(),
  tenant: column.text(),
  name: column.text(),
  scopes: column.textArray<ApiScope>(),
  createdAt: column.timestamp(),
  revokedAt: nullable(column.timestamp()),
});
const shown = allBut(apiKeys, 'keyHash');
/** A key as it is stored: everything but the secret. */
export type ApiKey = Readonly<Row<typeof shown>>;
const keyForm = /^lrl_([a-z0-9]{10})_[A-Za-z0-9_-]{43}$/;
export const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

/**
 * Makes a key of 256 random bits, `lrl_<prefix>_<secret>`. It is shown this once: only its hash is kept. A plain hash will do,
 * since nobody can guess 256 bits.
 */
export async function createApiKey(
  db: Db,
  wanted: {
    readonly tenant: string;
    readonly name: string;
    readonly scopes: readonly ApiScope[];
  },
): Promise<ApiKey & { readonly key: string }> {
  if (wanted.scopes.length === 0) {
    throw new PermanentError('no-scopes', `an API key needs a scope: ${apiScopes.join(', ')}`);
  }
  const prefix = BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10);
  const key = `lrl_${prefix}_${randomBytes(32).toString('base64url')}`;
  const { rows } = await db.query<ApiKey>(
    `insert into api_keys (prefix, key_hash, tenant, name, scopes) values ($1, $2, $3, $4, $5) returning ${selected(shown)}`,
    [prefix, hashOf(key), wanted.tenant, wanted.name, [...new Set(wanted.scopes)]],
  );
  const [created] = rows;
  if (!created) throw new Error('the API key was not stored');
  return { ...created, key };
}

/** The key a caller presents; null when it is unknown, wrong or revoked. The time it takes says nothing about the secret. */
export async function findApiKey(db: Db, key: string): Promise<ApiKey | null> {
  const prefix = keyForm.exec(key)?.[1];
  if (prefix === undefined) return null;
  const { rows } = await db.query<Row<typeof apiKeys>>({
    name: 'find-api-key',
    text: `select ${selected(apiKeys)} from api_keys where prefix = $1 and revoked_at is null`,
    values: [prefix],
  });
  const [found] = rows;
  if (!found) return null;
  const { keyHash, ...apiKey } = found;
  const same = timingSafeEqual(Buffer.from(hashOf(key), 'hex'), Buffer.from(keyHash, 'hex'));
  return same ? apiKey : null;
}

/** The hashes of all keys there are. */
export async function liveKeyHashes(db: Db): Promise<ReadonlySet<string>> {
  const rows = await readRows(db, only(apiKeys, 'keyHash'), 'where revoked_at is null');
  return new Set(rows.map(({ keyHash }) => keyHash));
}

/** Ends a key at once. Returns false where the tenant has no such key, or it was revoked before. */
export async function revokeApiKey(db: Db, tenant: string, prefix: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'update api_keys set revoked_at = now() where tenant = $1 and prefix = $2 and revoked_at is null',
    [tenant, prefix],
  );
  return rowCount === 1;
}

/** A tenant's keys, newest first, revoked ones included. */
export async function listApiKeys(db: Db, tenant: string): Promise<ApiKey[]> {
  return readRows(db, shown, 'where tenant = $1 order by created_at desc, prefix', [tenant]);
}
