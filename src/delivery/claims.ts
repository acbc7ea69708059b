import type { Decision } from '../contract/decision.ts';
import type { Message } from '../contract/message.ts';
import type { TraceParent } from '../contract/tracing.ts';
import type { Packer } from '../message/packing/packer.ts';
import { lookingAgain } from '../message/rows/moved.ts';
import { asAccepted, type MessageRow, toMessage } from '../message/rows/stored-message.ts';
import { messages } from '../message/rows/tables.ts';
import { type Finished, packedForms, storedForm } from '../message/stored-decision.ts';
import type { Db } from '../postgres/pool.ts';
import { only, recordOf, type Row, selected } from '../postgres/table.ts';
import { liveVersion } from '../render/version/pinned-version.ts';

/*
 * A claim says "this message is mine to send". Its life:
 *
 *   queued | held ──claim──▶ sending ──finish──▶ sent | suppressed | failed | quarantined
 *         ▲                   │   │
 *         │   retry, hold     │   └─ lease runs out (the process died): its end is unknown
 *         └───────────────────┴────── resend (same Message-ID) or quarantine, as the template says
 *
 * Every claim has a token; only its holder may finish it. While a process lives it renews its leases.
 */
export type Claim = {
  readonly message: Message;
  readonly token: string;
  /** Temporary failures before this attempt. */
  readonly tries: number;
  /** How often it was claimed, this attempt included. */
  readonly claims: number;
  /** How long it has been due. */
  readonly waitedMs: number;
  /** Where whoever accepted it traced that; null where nobody did. */
  readonly trace?: TraceParent | null;
};

const claimed = selected(asAccepted);

/**
 * Claims messages that are due and nobody else's, in one statement. Null where it isn't ours to send (any more).
 * @param leaseSeconds how long a claim lasts without being renewed
 */
export async function claimMessages(
  db: Db,
  ids: readonly string[],
  leaseSeconds: number,
): Promise<(Claim | null)[]> {
  const claim = {
    name: 'claim-messages',
    text: `
      update messages_open m
      set state = 'sending', job_at = coalesce(job_at, now()), token = gen_random_uuid(), claims = claims + 1,
        lease_until = now() + make_interval(secs => $2)
      where id = any($1::uuid[]) and state in ('queued', 'held') and next_at <= now()
        and (campaign_id is null or exists (
          select from campaigns c where c.id = m.campaign_id and c.state in ('running', 'done')))
      returning ${claimed}, token, tries, claims, trace,
        coalesce(pinned_version, ${liveVersion('m.tenant', 'm.template')}) as version,
        (extract(epoch from now() - greatest(accepted_at, send_at)) * 1000)::float8 as "waitedMs"`,
    values: [ids, leaseSeconds],
  };
  const { rows } = await lookingAgain(() => db.query<ClaimRow>(claim));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = byId.get(id);
    byId.delete(id); // a second job for the same message in one batch gets nothing
    return row
      ? {
          message: toMessage(row),
          token: row.token,
          tries: row.tries,
          claims: row.claims,
          waitedMs: row.waitedMs,
          trace: row.trace,
        }
      : null;
  });
}

type ClaimRow = MessageRow & Required<Omit<Claim, 'message'>>;

const ended = only(
  messages,
  'id, reason, error, sentTo, transport, response, templateVersion, unknownOutcomes',
);

/** How an attempt ended, as it is stored. `queued` and `held` put the message back in line, `delayMs` from now. */
export type Ending = Readonly<Omit<Row<typeof ended>, 'unknownOutcomes'>> & {
  readonly token: string;
  readonly state: 'sent' | 'suppressed' | 'failed' | 'quarantined' | 'queued' | 'held';
  readonly at: Date;
  readonly delayMs: number | null;
  /** 1 when this attempt counts against the try limit. */
  readonly spentTries: 0 | 1;
  /** 1 when the other side may have taken the mail although it never said so. */
  readonly unknownOutcomes: 0 | 1;
  readonly decision: Decision | null;
  /** What it was made from: packed with its end, where it is known. */
  readonly message: Finished['message'] | null;
};

const endingRecords = `json_to_recordset($1) as r(${recordOf(ended)}, token uuid, state text, at timestamptz,
  "delayMs" float8, "spentTries" int, decision jsonb, "ruleSet" text, rest json,
  "packedData" bytea, "packedDecision" bytea, "ledgerVersion" bigint)`;

/**
 * Records how attempts ended, in one statement. Returns per ending whether it was still this claim's to record.
 * That a mail was sent is recorded even when the lease ran out meanwhile, so that it isn't sent a second time.
 * @param packer packs what ended for good; where there is none it is stored as what may be put back in line is
 */
export async function finishClaims(
  db: Db,
  endings: readonly Ending[],
  packer?: Packer,
): Promise<boolean[]> {
  // In one order, so that two statements with the same rows wait for each other instead of blocking each other.
  const inOrder = endings.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const done = await finishClaimsJson(db, JSON.stringify(await asRecorded(inOrder, packer)));
  return endings.map(({ id }) => done.has(id));
}

async function asRecorded(endings: readonly Ending[], packer: Packer | undefined) {
  const finished = new Map<Ending, Finished>();
  for (const ending of packer ? endings : []) {
    const { state, message, decision } = ending;
    if (isGood(state) && message && decision) finished.set(ending, { message, decision });
  }
  const packed = packer ? await packedForms(packer, [...finished.values()]) : [];
  const forms = new Map([...finished.keys()].map((ending, at) => [ending, packed[at]]));
  return endings.map((ending) => ({
    ...ending,
    message: undefined,
    ...(forms.get(ending) ?? (ending.decision && storedForm(ending.decision))),
  }));
}

const isGood = (state: Ending['state']) => state === 'sent' || state === 'suppressed';

/** The same for endings that are already JSON, their decisions in either form; returns the ids that were recorded. */
export async function finishClaimsJson(db: Db, endingsJson: string): Promise<Set<string>> {
  const endings = storable(endingsJson);
  const { rows } = await db.query<{ id: string; late: boolean }>({
    name: 'finish-claims',
    text: `
      with endings as (
        select *, state in ('queued', 'held') as again, reason is not distinct from 'erased' as erased,
          state in ('sent', 'suppressed') as good
          from ${endingRecords}
      ), recorded as (
        update messages m set ${recorded},
          -- Finished for good it is filed, where there is a partition for it: never before it was accepted, whatever clock ended it.
          filed_at = case when r.good and greatest(r.at, m.accepted_at) >= (select min(week) from message_weeks)
            and greatest(r.at, m.accepted_at) < (select max(week) + interval '7 days' from message_weeks)
            then greatest(r.at, m.accepted_at) end,
          request_hash = case when r.good then '' else m.request_hash end
        from endings as r where m.id = r.id and m.filed_at is null
          and (m.token = r.token or (r.state = 'sent' and m.state <> 'sent'))
        returning m.id
      )
      select id, false as late from recorded
      union all
      select id, true from endings where state = 'sent' and id not in (select id from recorded)`,
    values: [endings],
  });
  const late = rows.filter((row) => row.late).map(({ id }) => id);
  const done = new Set(rows.filter((row) => !row.late).map(({ id }) => id));
  if (late.length > 0) for (const id of await finishFiled(db, endings, late)) done.add(id);
  return done;
}

/** Sent, although its end was recorded otherwise meanwhile, and filed: that it was sent is what counts. */
async function finishFiled(
  db: Db,
  endings: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'finish-filed',
    text: `
      update messages m set ${recorded}
      from (
        select *, false as again, false as erased
          from ${endingRecords}
         where id = any($2::uuid[])) as r
      where m.id = r.id and m.filed_at is not null and m.state <> 'sent'
      returning m.id`,
    values: [endings, ids],
  });
  return rows.map(({ id }) => id);
}

/** Whom it was to was forgotten meanwhile, or is. */
const gone = 'm.emptied_at is not null or r.erased';
/** What is kept of a decision: that of this attempt, else what was kept of an earlier one. */
const decided = (now: string, before: string) =>
  `case when ${gone} then null when r.decision is null and r."packedDecision" is null then ${before} else ${now} end`;

/** What an ending `r` makes of its message `m`. Whom it was to may have been erased while it was in hand: it must not come back then, nor say what it said. */
const recorded = `
        state = case when m.emptied_at is not null and r.again then 'cancelled' else r.state end,
        reason = case when m.emptied_at is not null and r.again then 'erased' else r.reason end,
        error = case when m.emptied_at is null then r.error end, token = null, lease_until = null, job_at = null,
        finished_at = case when r.again and m.emptied_at is null then null else r.at end,
        next_at = coalesce(now() + r."delayMs" * interval '1 millisecond', m.next_at), tries = m.tries + r."spentTries",
        unknown_outcomes = m.unknown_outcomes + r."unknownOutcomes",
        sent_to = case when m.emptied_at is null then r."sentTo" end, transport = r.transport,
        response = case when m.emptied_at is null then r.response end, template_version = r."templateVersion",
        decision = ${decided('r.decision', 'm.decision')}, ledger_version = ${decided('r."ledgerVersion"', 'm.ledger_version')},
        packed_decision = ${decided('r."packedDecision"', 'm.packed_decision')},
        decided = ${decided('r."ruleSet" || r.rest::text', 'm.decided')},
        packed_data = case when not (${gone}) then coalesce(r."packedData", m.packed_data) end,
        parsed_by = case when r."packedData" is null then m.parsed_by end,
        -- Handed in after she was erased: that is all there is to keep.
        data = case when r.erased or r."packedData" is not null then '{}' else m.data end, about = case when r.erased then '{}' else m.about end,
        name = case when not r.erased then m.name end, email = case when not r.erased then m.email end,
        emptied_at = case when r.erased then now() else m.emptied_at end`;

/** A mail server's answer may hold what Postgres has no text for: NUL, half a character. The other endings must not suffer. */
const storable = (json: string): string =>
  /\\u(?:0000|d[89a-f])/.test(json)
    ? json.replaceAll(/\\(?:\\|u0000|ud[89a-f]..)/g, (found) =>
        found === '\\\\' ? found : '\\ufffd',
      )
    : json;

/** Keeps claims alive. Returns the tokens that are still ours; one whose ending is being written this instant is left out. */
export async function renewLeases(
  db: Db,
  tokens: readonly string[],
  leaseSeconds: number,
): Promise<Set<string>> {
  const renewal = {
    name: 'renew-leases',
    text: `update messages_open set lease_until = now() + make_interval(secs => $2)
      where id in (select id from messages_open
        where finished_at is null and job_at is not null and token = any($1::uuid[]) and state = 'sending' for update skip locked)
      returning token`,
    values: [tokens, leaseSeconds],
  };
  const { rows } = await lookingAgain(() => db.query<{ token: string }>(renewal));
  return new Set(rows.map(({ token }) => token));
}

/** After so many unknown outcomes, the message itself is taken to be what kills its workers. */
const maxUnknownOutcomes = 50;

/**
 * Takes back claims whose process died. Nobody knows whether their mail left: it is sent again with the same
 * Message-ID, or put aside where its template wants that. Returns how many of each.
 * What is put aside keeps its token: a worker that turns out to live, and knows how it ended, may still say so.
 */
export async function recoverClaims(
  db: Db,
  quarantineTemplates: readonly string[],
): Promise<{ resent: number; quarantined: number }> {
  const recovery = {
    name: 'recover-claims',
    text: `
      with lost as (
        select id, template = any($1::text[]) or unknown_outcomes >= $2 or emptied_at is not null as quarantine from messages_open
        where finished_at is null and job_at is not null and state = 'sending' and lease_until < now()
        order by lease_until limit 1000 for update skip locked
      ), recovered as (
        update messages_open m
        set state = case when quarantine then 'quarantined' else 'queued' end,
          reason = case when quarantine then 'unknown-outcome' end,
          error = case when quarantine then 'the worker died while handing it over; it may have been sent' end,
          finished_at = case when quarantine then now() end,
          token = case when quarantine then token end,
          lease_until = null, job_at = null, next_at = now(), unknown_outcomes = unknown_outcomes + 1
        from lost where m.id = lost.id
        returning m.state
      )
      select state, count(*)::int as count from recovered group by state`,
    values: [quarantineTemplates, maxUnknownOutcomes],
  };
  const { rows } = await lookingAgain(() => db.query<{ state: string; count: number }>(recovery));
  const count = (state: string) => rows.find((row) => row.state === state)?.count ?? 0;
  return { resent: count('queued'), quarantined: count('quarantined') };
}
