import { z } from 'zod';

import type { Db } from '../postgres/pool.ts';
import { campaignCounts } from './counts.ts';

/*
 * A campaign with a pilot writes to a share of its audience first:
 *
 *   making ──all made──▶ waiting ──released, by hand or by its gate──▶ released ──▶ (the rest is made)
 *                           └──── its figures are over a limit ──▶ failed ──by hand──▶ released
 */
export type PilotState = 'making' | 'waiting' | 'failed' | 'released';

const Share = z.number().min(0).max(1);

/** What a pilot must come to for the others to follow without a person: shares of its mails, at most. */
export const Gate = z.strictObject({
  afterMinutes: z.int().min(1).max(20_160).default(60),
  /** Failed, quarantined or bounced. */
  failures: Share.default(0.05),
  complaints: Share.default(0.001),
  unsubscribes: Share.default(0.02),
});
export type Gate = z.infer<typeof Gate>;

/** What became of a pilot's mails. */
export type PilotFigures = {
  /** Sent or failed: what shares are of. */
  readonly mails: number;
  readonly failures: number;
  readonly complaints: number;
  readonly unsubscribes: number;
};

/** What became of a campaign's mails so far, by what is counted already; each mail once of a kind. */
export async function pilotFigures(
  db: Db,
  tenant: string,
  campaignId: string,
): Promise<PilotFigures> {
  const { rows } = await db.query<{ what: string; n: number }>({
    name: 'told-of-campaign',
    text: `select what, sum(n)::int as n from mail_stats
            where tenant = $1 and campaign = $2 and what in ('hard-bounce', 'complaint', 'unsubscribed') group by 1`,
    values: [tenant, campaignId],
  });
  const told = (kind: 'hard-bounce' | 'complaint' | 'unsubscribed') =>
    rows.find(({ what }) => what === kind)?.n ?? 0;
  const counts = await campaignCounts(db, campaignId);
  const ended = (...states: readonly string[]) =>
    counts.reduce((sum, { state, count }) => (states.includes(state) ? sum + count : sum), 0);
  const mails = ended('sent', 'failed', 'quarantined');
  return {
    mails,
    // A mail that was put aside may have bounced as well.
    failures: Math.min(mails, ended('failed', 'quarantined') + told('hard-bounce')),
    complaints: told('complaint'),
    unsubscribes: told('unsubscribed'),
  };
}

const kinds = ['failures', 'complaints', 'unsubscribes'] as const;

/** Why the others don't follow: the first share over its limit; null where they may. Nothing sent says nothing, and lets nobody through. */
function gateObjection(gate: Gate, figures: PilotFigures): string | null {
  if (figures.mails === 0) return 'no mail of the pilot was sent';
  const over = kinds.find((kind) => figures[kind] / figures.mails > gate[kind]);
  if (!over) return null;
  return `${figures[over]} ${over} of ${figures.mails} mails, and the gate lets ${gate[over] * 100} % through`;
}

/** Lets the others follow. False where there is no pilot to release. */
export async function releasePilot(db: Db, tenant: string, campaignId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    // From the start of the audience again: whom the pilot passed over is still to be written to.
    `update campaigns set pilot_state = 'released', cursor = 0
      where tenant = $1 and id = $2 and pilot_state in ('making', 'waiting', 'failed') and state in ('running', 'paused')`,
    [tenant, campaignId],
  );
  return rowCount === 1;
}

/**
 * Looks at gates whose time has come: lets the others follow, or stops there and tells somebody. Returns how many were decided.
 * @param db a transaction
 */
export async function decideGates(db: Db, now: Date): Promise<number> {
  const { rows } = await db.query<{ id: string; tenant: string; gate: unknown }>(
    `select id, tenant, gate from campaigns
      where pilot_state = 'waiting' and state = 'running' and gate is not null
        and pilot_made_at + make_interval(mins => (gate ->> 'afterMinutes')::int) <= $1
        and not exists (
          select from messages_open m where m.campaign_id = campaigns.id and m.state in ('queued', 'held', 'sending'))
      for update skip locked`,
    [now],
  );
  for (const { id, tenant, gate } of rows) {
    const figures = await pilotFigures(db, tenant, id);
    const objection = gateObjection(Gate.parse(gate), figures);
    if (objection === null) {
      await releasePilot(db, tenant, id);
      continue;
    }
    await db.query(`update campaigns set pilot_state = 'failed' where id = $1`, [id]);
    await db.query(`insert into alerts (type, data) values ('campaign.gate-failed', $1)`, [
      JSON.stringify({ tenant, campaignId: id, why: objection, ...figures }),
    ]);
  }
  return rows.length;
}
