import type { After, Lane } from '../contract/message.ts';
import type { TraceParent } from '../contract/tracing.ts';
import { IdempotencyConflict, InvalidInput, type Problem } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { pinnedVersion, whyNotPinned } from '../render/version/pinned-version.ts';
import { addressHash } from './rows/guards.ts';

/** A checked message, ready to be stored. `nextAt` is when it is first due. */
export type NewMessage = {
  readonly id: string;
  readonly tenant: string;
  readonly idempotencyKey: string | null;
  readonly requestHash: string;
  readonly lane: Lane;
  readonly template: string;
  readonly brand: string;
  readonly memberId: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly locale: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly about: readonly string[];
  readonly sendAt: Date | null;
  readonly after: After | null;
  readonly expiresAt: Date | null;
  /** `accepted`, or a published version's hash or its beginning; null for whatever is live when it is sent. */
  readonly wantedVersion: string | null;
  /** Where its acceptance is traced; null where nobody does. */
  readonly trace?: TraceParent | null;
};

export type Accepted = {
  readonly id: string;
  /** False when the same key was accepted before: this is that message. */
  readonly created: boolean;
};

/** Of a message to somebody who was erased, only that it came and became nothing is stored. */
const kept = (column: string, otherwise = 'null') =>
  `case when gone.reason is null then ${column} else ${otherwise} end`;

/**
 * Stores messages in one statement; they are durable when the surrounding transaction is, and due from then on: whoever commits
 * it tells the relays (`tellDue`). A message whose idempotency key is known with the same body is answered with the stored one.
 * @throws IdempotencyConflict when a key is known with another body, InvalidInput (`[2].templateVersion`) where the version a
 * message asks for isn't there; nothing of this call is kept by a caller that rolls back.
 */
export async function insertMessages(db: Db, rows: readonly NewMessage[]): Promise<Accepted[]> {
  const problems: Problem[] = [];
  const accepted: Accepted[] = [];
  for (const [index, one] of (await insertEach(db, rows)).entries()) {
    if (one instanceof IdempotencyConflict) throw one;
    if (!(one instanceof InvalidInput)) accepted.push(one);
    else
      problems.push(
        ...one.problems.map(({ path, message }) => ({ path: `[${index}].${path}`, message })),
      );
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return accepted;
}

/** The same, but what is wrong with one is told in its place, and the others are stored. */
export async function insertEach(
  db: Db,
  rows: readonly NewMessage[],
): Promise<(Accepted | InvalidInput | IdempotencyConflict)[]> {
  if (rows.length === 0) return [];
  const { rows: inserted } = await db.query<{ id: string }>({
    name: 'insert-messages',
    text: `
      insert into messages_open (id, tenant, idempotency_key, request_hash, lane, template, brand, member_id, email, name,
        locale, data, about, send_at, after, expires_at, state, next_at, pinned_version, trace,
        reason, finished_at, emptied_at)
      select id, tenant, ${kept('"idempotencyKey"')}, ${kept('"requestHash"', "''")}, lane, template, brand,
        ${kept('"memberId"')}, ${kept('email')}, ${kept('name')}, ${kept('locale')}, ${kept('data', "'{}'")},
        ${kept('about', "'{}'")}, "sendAt", ${kept('after')}, "expiresAt",
        case when gone.reason is not null then 'suppressed' when "sendAt" > now() then 'held' else 'queued' end,
        coalesce("sendAt", now()), pinned.hash, trace, gone.reason,
        case when gone.reason is not null then now() end, case when gone.reason is not null then now() end
      from jsonb_to_recordset($1) as r(id uuid, tenant text, "idempotencyKey" text, "requestHash" text, lane text,
        template text, brand text, "memberId" text, email text, name text, locale text, data jsonb, about text[],
        "sendAt" timestamptz, after jsonb, "expiresAt" timestamptz, "wantedVersion" text, "addressHash" text, trace text)
      left join lateral ${pinnedVersion('r.tenant', 'r.template', 'r."wantedVersion"')} as pinned on true
      left join lateral (
        select 'erased' as reason from laurel.members m
         where m.tenant = r.tenant and m.member_id = r."memberId" and m.status = 'erased'
        union all
        select 'address-suppressed' from suppressions s
         where s.tenant = r.tenant and s.address_hash = r."addressHash" and s.reason = 'erased'
        limit 1) as gone on true
      where r."wantedVersion" is null or pinned.hash is not null
      -- Two calls with the same keys wait for each other instead of blocking each other.
      order by "idempotencyKey"
      on conflict do nothing
      returning id`,
    values: [
      JSON.stringify(
        rows.map((row) => ({
          ...row,
          addressHash: row.email === null ? null : addressHash(row.email),
        })),
      ),
    ],
  });
  const created = new Set(inserted.map(({ id }) => id));
  if (created.size === rows.length) return rows.map(({ id }) => ({ id, created: true }));
  const known = await findByKey(
    db,
    rows.filter(({ id }) => !created.has(id)),
  );
  return Promise.all(
    rows.map(async (row) => {
      const { id, tenant, idempotencyKey, requestHash, template, wantedVersion } = row;
      if (created.has(id)) return { id, created: true };
      const earlier = known.get(`${tenant}\n${idempotencyKey}`);
      if (earlier?.hash === requestHash) return { id: earlier.id, created: false };
      if (earlier || wantedVersion === null) return new IdempotencyConflict(idempotencyKey ?? id);
      const message = await whyNotPinned(db, tenant, template, wantedVersion);
      return new InvalidInput([{ path: 'templateVersion', message }]);
    }),
  );
}

async function findByKey(db: Db, rows: readonly NewMessage[]) {
  const found = await db.query<{ id: string; tenant: string; key: string; hash: string }>({
    name: 'messages-by-key',
    text: `
      select k.message_id as id, k.tenant, k.key, k.request_hash as hash
      from unnest($1::text[], $2::text[]) as wanted(tenant, key)
      join message_keys k on k.tenant = wanted.tenant and k.key = wanted.key`,
    values: [rows.map(({ tenant }) => tenant), rows.map(({ idempotencyKey }) => idempotencyKey)],
  });
  return new Map(found.rows.map((row) => [`${row.tenant}\n${row.key}`, row]));
}
