import type pg from 'pg';

import type { Brand } from '../../brand/brand.ts';
import { type Campaign, findCampaign, listCampaigns } from '../../campaign/campaigns.ts';
import type { Alternatives } from '../../campaign/compare-alternatives.ts';
import { Gate, type PilotFigures, pilotFigures } from '../../campaign/pilot.ts';
import { reportCampaign } from '../../campaign/report.ts';
import { shortHash } from '../../contract/template-version.ts';
import { figureNames, figures, figuresOf } from '../../stats/figures.ts';
import { readStats } from '../../stats/read.ts';

type Setting = {
  readonly pool: pg.Pool;
  readonly tenant: string;
  readonly brandOf: (id: string) => Brand | undefined;
};

/** Over so many minutes a pace is told. */
const paceMinutes = 5;
const compared = ['buyers', 'redeemers', 'purchasesPerMember', 'spendPerMember'] as const;
const told = ['clicked', 'unsubscribed', 'complained'] as const;
const gated = ['failures', 'complaints', 'unsubscribes'] as const;

/** Campaigns in figures, for the preview's page. */
export function openCampaigns({ pool, tenant, brandOf }: Setting) {
  const sentLately = async (id: string): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      // Only what was filed in that time is looked at, not the whole campaign.
      `select count(*)::int as n from messages
        where campaign_id = $1 and state = 'sent' and filed_at > now() - make_interval(mins => $2)`,
      [id, paceMinutes],
    );
    return rows[0]?.n ?? 0;
  };
  return {
    list: async () => (await listCampaigns(pool, tenant)).map(lineOf),
    one: async (id: string) => {
      const campaign = await findCampaign(pool, tenant, id);
      if (!campaign) return null;
      const [stats, lately, pilot] = await Promise.all([
        readStats(pool, tenant, { by: 'campaign', since: campaign.createdAt, name: id }),
        sentLately(id),
        campaign.pilot === null ? null : pilotFigures(pool, tenant, id),
      ]);
      const mails = stats.lines[0]?.figures ?? figuresOf([]);
      const perMinute = lately / paceMinutes;
      const left = campaign.audienceSize - campaign.cursor + mails.waiting.count + mails.held.count;
      const of = (base: 'accepted' | 'sent') =>
        figureNames
          .filter((name) => figures[name].of === base)
          .map((name) => ({ name, ...mails[name] }));
      return {
        line: lineOf(campaign),
        holdout: campaign.holdout,
        group: campaign.group,
        startsAt: startOf(campaign),
        states: of('accepted'),
        told: of('sent'),
        reasons: Object.entries(mails.reasons)
          .flatMap(([state, those]) =>
            Object.entries(those).map(([reason, count]) => ({ state, reason, count })),
          )
          .toSorted((a, b) => b.count - a.count),
        perMinute,
        secondsLeft: perMinute === 0 || left === 0 ? null : (left / perMinute) * 60,
        pilot: pilotOf(campaign, pilot),
      };
    },
    outcome: async (id: string, days: number) => {
      const campaign = await findCampaign(pool, tenant, id);
      const currency = campaign && brandOf(campaign.brand)?.programme.currency;
      if (!campaign || currency === undefined || currency === null) return null;
      const { treated, holdout, difference, alternatives } = await reportCampaign(pool, campaign, {
        days,
        currency,
      });
      return {
        days,
        currency,
        treated: treated.members,
        holdout: holdout.members,
        compared: compared.map((name) => ({
          name,
          first: treated[name],
          second: holdout[name],
          difference: difference[name],
        })),
        alternatives: alternatives && againstEachOther(alternatives),
      };
    },
  };
}

const shareOf = (count: number, { sent }: Alternatives['a']) => (sent === 0 ? 0 : count / sent);
const mailOf = ({ template, pinnedVersion, sent }: Alternatives['a']) => ({
  template,
  version: pinnedVersion === null ? null : shortHash(pinnedVersion),
  sent,
});

function againstEachOther({ a, b, difference }: Alternatives) {
  return {
    a: mailOf(a),
    b: mailOf(b),
    compared: [
      ...told.map((name) => ({
        name,
        first: shareOf(b[name], b),
        second: shareOf(a[name], a),
        difference: difference[name],
      })),
      ...compared.map((name) => ({
        name,
        first: b[name],
        second: a[name],
        difference: difference[name],
      })),
    ],
  };
}

function lineOf(campaign: Campaign) {
  const { id, template, brand, parameters, state, audienceSize, cursor, pilotState } = campaign;
  return {
    id,
    title: 'year' in parameters ? `${template} ${parameters.year}` : template,
    template,
    brand,
    state,
    audience: audienceSize,
    made: cursor,
    createdAt: campaign.createdAt.toISOString(),
    pilot: pilotState,
  };
}

function startOf({ timing }: Campaign): string | null {
  if (timing?.startAt !== undefined) return timing.startAt;
  return timing?.localTime ? `${timing.localTime.date} ${timing.localTime.time}` : null;
}

function pilotOf({ pilot: share, pilotState: state, gate }: Campaign, found: PilotFigures | null) {
  if (share === null || state === null || found === null) return null;
  const limits = gate && Gate.parse(gate);
  return {
    share,
    state,
    gate: limits && {
      afterMinutes: limits.afterMinutes,
      mails: found.mails,
      limits: gated.map((name) => ({ name, count: found[name], limit: limits[name] })),
    },
  };
}
