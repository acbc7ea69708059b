import type { TraceParent } from '../contract/tracing.ts';
import { IdempotencyConflict, InvalidInput, type Problem } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { only, recordOf, type Row, selected, stored } from '../postgres/table.ts';
import { pinnedVersion, whyNotPinned } from '../render/version/pinned-version.ts';
import { addressHash } from './rows/guards.ts';
import { messageKeys, messages, withData } from './rows/tables.ts';

const given = only(
  messages,
  'id, tenant, idempotencyKey, requestHash, lane, template, brand, memberId, email, name, locale, data, parsedBy, about, sendAt, after, expiresAt',
);

/** A checked message, ready to be stored. */
export type NewMessage = Readonly<Row<typeof given>> & {
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

/** Of a message to somebody who was erased, only that it came and became nothing is stored: this in place of that. */
const emptied: Partial<Record<string, string>> = {
  idempotencyKey: 'null',
  requestHash: "''",
  memberId: 'null',
  email: 'null',
  name: 'null',
  locale: 'null',
  data: "'{}'",
  about: "'{}'",
  after: 'null',
};
const values = Object.keys(given.columns).map((name) => {
  if (name === 'parsedBy') return withData('r."parsedBy"', 'r.data');
  return emptied[name]
    ? `case when gone.reason is null then r."${name}" else ${emptied[name]} end`
    : `r."${name}"`;
});
const goneNow = 'case when gone.reason is not null then now() end';
const insert = `
  insert into messages_open (${stored(given)}, state, next_at, pinned_version, trace, reason, finished_at, emptied_at)
  select ${values.join(', ')},
    case when gone.reason is not null then 'suppressed' when "sendAt" > now() then 'held' else 'queued' end,
    coalesce("sendAt", now()), pinned.hash, trace, gone.reason, ${goneNow}, ${goneNow}
  from jsonb_to_recordset($1) as r(${recordOf(given)}, "wantedVersion" text, "addressHash" text, trace text)
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
  returning id`;

/** The same, but what is wrong with one is told in its place, and the others are stored. */
export async function insertEach(
  db: Db,
  rows: readonly NewMessage[],
): Promise<(Accepted | InvalidInput | IdempotencyConflict)[]> {
  if (rows.length === 0) return [];
  const { rows: inserted } = await db.query<{ id: string }>({
    name: 'insert-messages',
    text: insert,
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
      if (earlier?.requestHash === requestHash) return { id: earlier.messageId, created: false };
      if (earlier || wantedVersion === null) return new IdempotencyConflict(idempotencyKey ?? id);
      const message = await whyNotPinned(db, tenant, template, wantedVersion);
      return new InvalidInput([{ path: 'templateVersion', message }]);
    }),
  );
}

async function findByKey(db: Db, rows: readonly NewMessage[]) {
  const found = await db.query<Row<typeof messageKeys>>({
    name: 'messages-by-key',
    text: `
      select ${selected(messageKeys, 'k.')}
      from unnest($1::text[], $2::text[]) as wanted(tenant, key)
      join message_keys k on k.tenant = wanted.tenant and k.key = wanted.key`,
    values: [rows.map(({ tenant }) => tenant), rows.map(({ idempotencyKey }) => idempotencyKey)],
  });
  return new Map(found.rows.map((row) => [`${row.tenant}\n${row.key}`, row]));
}
