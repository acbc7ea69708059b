import { canonicalAddress } from '../core/address.ts';
import { filedSince } from '../message/rows/filed-since.ts';
import { addressHash, suppressAddress } from '../message/rows/guards.ts';
import type { Db } from '../postgres/pool.ts';
import {
  allBut,
  column,
  defineTable,
  type NewRow,
  nullable,
  only,
  quoted,
  readRows,
  recordOf,
  stored,
} from '../postgres/table.ts';
import { countTold } from '../stats/told.ts';
import { type Feedback, type FeedbackKind, keptDetail, messageIdIn } from './feedback.ts';

/** What became of the told ones. */
export type Recorded = {
  readonly recorded: number;
  /** Known before: nothing changed. */
  readonly duplicate: number;
  /** Ids of those whose proof was used for another event before: somebody repeats a signature. */
  readonly replayed: readonly string[];
  /** Not about a message of this tenant, and left out for that: who tells it isn't known. */
  readonly strange: number;
};

/** `proof`: what authenticates the event and may be used once, where its source has such a thing. */
export type Told = Feedback & { readonly proof?: string };

/**
 * An address is given up after soft bounces of so many messages, the first and last of them so many days apart, within so many
 * days, and nothing delivered to it in between.
 */
const softBouncePolicy = { messages: 5, apartDays: 3, withinDays: 30 } as const;

/** What is told of an address for good; the rest changes nothing. */
const suppressions: Partial<
  Record<
    FeedbackKind,
    { reason: 'hard-bounce' | 'complaint' | 'unsubscribe'; scope: 'all' | 'commercial' }
  >
> = {
  'hard-bounce': { reason: 'hard-bounce', scope: 'all' },
  complaint: { reason: 'complaint', scope: 'all' },
  unsubscribed: { reason: 'unsubscribe', scope: 'commercial' },
};

/** @public for the comparison with the table itself */
export const deliveryFeedback = defineTable('delivery_feedback', {
  source: column.text(),
  id: column.text(),
  kind: column.text<FeedbackKind>(),
  at: column.timestamp(),
  messageId: nullable(column.uuid()),
  addressHash: nullable(column.text()),
  detail: nullable(column.text()),
  proof: nullable(column.text()),
});
const oneTold = allBut(deliveryFeedback, 'source');
type Row = NewRow<typeof oneTold> & { readonly address: string | null };

/**
 * Keeps what was told, each event once however often it is told, and suppresses at once whom nothing may be sent any more. In
 * whatever order it comes: nothing that is told takes an address off the list.
 * @param db a transaction
 * @param source who tells it: `sendgrid/main`
 * @param proof what shows that it is true: its source; that it names a message of ours, which only its recipient can; or a link
 * of ours in that mail, whose page itself does what follows
 */
export async function recordFeedback(
  db: Db,
  tenant: string,
  source: string,
  events: readonly Told[],
  now: Date,
  proof: 'source' | 'message' | 'link' = 'source',
): Promise<Recorded> {
  const messages = await sentMessages(db, tenant, events);
  const told =
    proof === 'source'
      ? events
      : events.filter(({ messageId }) => messages.has(messageIdIn(messageId) ?? ''));
  const rows = told.map((one): Row => {
    const id = messageIdIn(one.messageId);
    const message = id === null ? undefined : messages.get(id);
    // Where the mail went counts; a server may name another one that it was passed on to.
    const address = message?.address ?? one.address?.trim() ?? null;
    return {
      id: one.id,
      kind: one.kind,
      at: new Date(Math.min(Date.parse(one.at), now.getTime())).toISOString(),
      messageId: message ? id : null,
      address: address === null ? null : canonicalAddress(address),
      addressHash: address === null ? null : addressHash(address),
      detail: one.detail === undefined ? null : keptDetail(one.detail),
      proof: one.proof ?? null,
    };
  });
  const { rows: inserted } = await db.query<{ id: string }>({
    name: 'insert-feedback',
    text: `
      insert into delivery_feedback (tenant, source, ${stored(oneTold)})
      select distinct on (r.id) $1, $2, ${quoted(oneTold)}
      from jsonb_to_recordset($3) as r(${recordOf(oneTold)})
      -- Two calls with the same events wait for each other instead of blocking each other.
      order by r.id
      on conflict do nothing
      returning id`,
    values: [tenant, source, JSON.stringify(rows)],
  });
  const fresh = new Set(inserted.map(({ id }) => id));
  const recorded = [...new Map(rows.map((row) => [row.id, row])).values()].filter(({ id }) =>
    fresh.has(id),
  );
  if (proof !== 'link') for (const row of recorded) await suppressFor(db, tenant, source, row);
  await giveUpSoft(db, tenant, recorded);
  await countTold(db, tenant, source, recorded);
  return {
    recorded: recorded.length,
    duplicate: told.length - recorded.length,
    replayed: await replayedAmong(db, tenant, source, rows, fresh),
    strange: events.length - told.length,
  };
}

/** Messages that events name, and where each went. */
async function sentMessages(db: Db, tenant: string, told: readonly Told[]) {
  const ids = told.flatMap(({ messageId }) => messageIdIn(messageId) ?? []);
  if (ids.length === 0) return new Map<string, { readonly address: string | null }>();
  const { rows } = await db.query<{ id: string; address: string | null }>({
    name: 'messages-told-of',
    text: `select m.id, coalesce(m.sent_to, m.email) as address from unnest($2::uuid[]) as told (id)
      join messages m on m.id = told.id and m.tenant = $1 and ${filedSince('told.id')}`,
    values: [tenant, ids],
  });
  return new Map(rows.map(({ id, address }) => [id, { address }]));
}

async function suppressFor(
  db: Db,
  tenant: string,
  source: string,
  { kind, address }: Row,
): Promise<void> {
  const entry = suppressions[kind];
  if (entry && address !== null)
    await suppressAddress(db, tenant, { ...entry, address, source: `feedback:${source}` });
}

async function giveUpSoft(db: Db, tenant: string, recorded: readonly Row[]): Promise<void> {
  const soft = new Map(
    recorded.flatMap(({ kind, address, addressHash: hash }) =>
      kind === 'soft-bounce' && address !== null && hash !== null ? [[hash, address]] : [],
    ),
  );
  const { messages, apartDays, withinDays } = softBouncePolicy;
  for (const [hash, address] of soft) {
    const { rows } = await db.query<{ over: boolean }>({
      name: 'soft-bounces',
      text: `
        select count(distinct coalesce(message_id::text, id)) >= $3
           and max(at) - min(at) >= make_interval(days => $4) as over
        from delivery_feedback
        where tenant = $1 and address_hash = $2 and kind = 'soft-bounce'
          and at > (
            select greatest(max(at) filter (where kind = 'delivered'),
                            max(at) filter (where kind = 'soft-bounce') - make_interval(days => $5))
            from delivery_feedback where tenant = $1 and address_hash = $2)`,
      values: [tenant, hash, messages, apartDays, withinDays],
    });
    if (rows[0]?.over === true)
      await suppressAddress(db, tenant, {
        address,
        reason: 'hard-bounce',
        scope: 'all',
        source: `feedback:${messages} soft bounces`,
      });
  }
}

async function replayedAmong(
  db: Db,
  tenant: string,
  source: string,
  rows: readonly { readonly id: string; readonly proof: string | null }[],
  fresh: ReadonlySet<string>,
): Promise<string[]> {
  const proofs = rows.flatMap(({ id, proof }) => (proof === null || fresh.has(id) ? [] : [proof]));
  if (proofs.length === 0) return [];
  const owners = await readRows(
    db,
    only(deliveryFeedback, 'id, proof'),
    'where tenant = $1 and source = $2 and proof = any($3)',
    [tenant, source, proofs],
  );
  const owner = new Map(owners.map(({ id, proof }) => [proof, id]));
  return rows.flatMap(({ id, proof }) =>
    proof !== null && owner.has(proof) && owner.get(proof) !== id ? [id] : [],
  );
}
