import { randomUUID } from 'node:crypto';

import type pg from 'pg';

type State = { readonly state: string; readonly reason?: string; readonly share: number };

/** Of a campaign that is out, and of one in the middle of it. */
const mixes: Readonly<Record<'over' | 'running', readonly State[]>> = {
  over: [
    { state: 'suppressed', reason: 'holdout', share: 0.1 },
    { state: 'suppressed', reason: 'no-marketing-consent', share: 0.06 },
    { state: 'suppressed', reason: 'address-suppressed', share: 0.01 },
    { state: 'suppressed', reason: 'frequency-capped', share: 0.03 },
    { state: 'failed', reason: 'recipient-refused', share: 0.01 },
    { state: 'sent', share: 1 },
  ],
  running: [
    { state: 'suppressed', reason: 'no-marketing-consent', share: 0.05 },
    { state: 'held', reason: 'quiet-hours', share: 0.3 },
    { state: 'held', reason: 'throttled', share: 0.1 },
    { state: 'sent', share: 1 },
  ],
};

/**
 * A campaign as it stands in the database in the middle of things or after, with what was told of its mails and bought since.
 * Nothing works on it. Returns its id.
 */
export async function campaignWithFigures(
  pool: pg.Pool,
  {
    kind,
    members,
    pilot,
    other,
  }: {
    readonly kind: keyof typeof mixes;
    readonly members: number;
    readonly pilot?: string;
    /** What half of them get instead. */
    readonly other?: string;
  },
): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `insert into campaigns (id, tenant, brand, template, parameters, state, audience_size, cursor, holdout, pilot, pilot_state,
       pilot_made_at, gate, starts_at, created_at, finished_at)
     values ($1, 'main', 'juniper', 'bonus-reminder', '{"data":{"bonusId":"spring-500"}}', $2::text, $3::int, $4, $5, $6::float8, $7,
       now(), $8, now() + interval '1 day', now() - interval '2 hours', case when $2 = 'done' then now() end)`,
    [
      id,
      kind === 'over' ? 'done' : 'running',
      kind === 'over' ? members : members * 4,
      members,
      kind === 'over' ? 0.1 : 0,
      pilot === undefined ? null : 0.25,
      pilot ?? null,
      pilot === undefined
        ? null
        : { afterMinutes: 60, failures: 0.05, complaints: 0.001, unsubscribes: 0.02 },
    ],
  );
  let from = 0;
  const upTo = (share: number) => Math.min(members, from + Math.round(members * share));
  for (const { state, reason, share } of mixes[kind]) {
    const until = upTo(share);
    await pool.query(
      `insert into messages (id, tenant, request_hash, lane, template, brand, member_id, data, campaign_id, state, reason, next_at,
         accepted_at, finished_at)
       select gen_random_uuid(), 'main', '', 'campaign', 'bonus-reminder', 'juniper', 'made-up-' || left($1::uuid::text, 8) || '-' || n, '{}', $1::uuid, $2::text, $3,
         now() + interval '1 day', now() - interval '90 minutes', case when $2 <> 'held' then now() - n % 40 * interval '1 minute' end
       from generate_series($4::int, $5::int - 1) as n`,
      [id, state, reason ?? null, from, until],
    );
    from = until;
  }
  if (other !== undefined) {
    await pool.query('update campaigns set alternative = $2 where id = $1', [
      id,
      { share: 0.5, template: other, pinnedVersion: null },
    ]);
    await pool.query(
      `update messages set template = $2 where campaign_id = $1 and right(member_id, 1)::int % 2 = 0`,
      [id, other],
    );
  }
  await pool.query(
    `insert into delivery_feedback (tenant, source, id, kind, at, message_id)
     select 'main', 'made-up', m.id || k.kind, k.kind, now(), m.id
     from (select id, row_number() over (order by id) as n from messages where campaign_id = $1 and state = 'sent') m
     join (values ('delivered', 1), ('clicked', 9), ('unsubscribed', 90), ('soft-bounce', 60), ('hard-bounce', 80), ('complaint', 400))
       as k(kind, every) on m.n % k.every = 0`,
    [id],
  );
  await pool.query(
    `insert into mail_stats (tenant, hour, brand, template, campaign, trigger, what, reason, n)
     select m.tenant, date_trunc('hour', m.accepted_at, 'UTC'), m.brand, m.template, m.campaign_id::text, '', f.kind, '', count(*)
     from messages m join delivery_feedback f on f.message_id = m.id where m.campaign_id = $1 group by 1, 2, 3, 4, 5, 7`,
    [id],
  );
  await pool.query(
    `insert into laurel.purchases (tenant, order_id, member_id, brand, placed_at, currency, total, state)
     select 'main', gen_random_uuid()::text, member_id, 'juniper', now(), 'EUR', 1000 + (n % 7) * 300, 'placed'
     from (select member_id, reason, row_number() over (order by member_id) as n from messages where campaign_id = $1) m
     where n % (case when reason = 'holdout' then 8 else 4 end) = 0`,
    [id],
  );
  return id;
}
