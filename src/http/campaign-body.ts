import { z } from 'zod';

import { type Campaign, findCampaign } from '../campaign/campaigns.ts';
import { Gate } from '../campaign/pilot.ts';
import { CampaignTiming } from '../contract/timing.ts';
import type { Db } from '../postgres/pool.ts';
import { notFound } from './errors.ts';
import { documented } from './openapi.ts';
import { idOf } from './requests.ts';

/** A campaign as the API tells of it. */
export const CampaignBody = z.strictObject({
  id: z.uuid(),
  campaign: z.string().describe('The template; the same as `template`.'),
  template: z.string(),
  brand: z.string(),
  year: z.int().nullable().describe('The year its figures are of; null where it is about none.'),
  data: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('Fields that are the same in all its messages; null where figures are counted.'),
  group: z
    .string()
    .nullable()
    .describe('A member gets one mail at most of all campaigns of a group.'),
  segments: z.array(z.string()).describe('Whose members are added when it starts.'),
  holdout: z.number().describe('The share of the audience that is kept out, to compare with.'),
  pilot: z
    .strictObject({
      share: z.number(),
      state: z.enum(['making', 'waiting', 'failed', 'released']),
      gate: Gate.nullable(),
    })
    .nullable()
    .describe('Who is written to first; `waiting`: the others wait to be released.'),
  alternative: z
    .strictObject({
      share: z.number(),
      template: z.string(),
      pinnedVersion: z.string().nullable(),
    })
    .nullable()
    .describe('What a share of its members gets instead, to compare; null: all get the same.'),
  timing: CampaignTiming.nullable().describe('When its mails go; null: at once.'),
  pinnedVersion: z
    .string()
    .nullable()
    .describe('The published version all its messages keep; null: what is live when each is sent.'),
  state: z
    .enum(['loading', 'running', 'paused', 'done', 'cancelled'])
    .describe('`loading`: takes its audience. `done`: every message exists.'),
  audience: z.int().describe('Members in it.'),
  made: z.int().describe('Members whose message exists.'),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});
documented.add(CampaignBody, { id: 'Campaign' });

export const bodyOf = (campaign: Campaign): z.output<typeof CampaignBody> => ({
  id: campaign.id,
  campaign: campaign.template,
  template: campaign.template,
  brand: campaign.brand,
  year: 'year' in campaign.parameters ? campaign.parameters.year : null,
  data: 'data' in campaign.parameters ? campaign.parameters.data : null,
  group: campaign.group,
  segments: campaign.segments.map(({ name }) => name),
  holdout: campaign.holdout,
  pilot:
    campaign.pilot === null || campaign.pilotState === null
      ? null
      : { share: campaign.pilot, state: campaign.pilotState, gate: campaign.gate },
  alternative: campaign.alternative,
  timing: campaign.timing,
  pinnedVersion: campaign.pinnedVersion,
  state: campaign.state,
  audience: campaign.audienceSize,
  made: campaign.cursor,
  createdAt: campaign.createdAt,
  finishedAt: campaign.finishedAt,
});

/** The campaign a route names. @throws HttpError 404 where the tenant has none such */
export async function findOr404(db: Db, tenant: string, params: { id: string }): Promise<Campaign> {
  const campaign = await findCampaign(db, tenant, idOf(params, 'campaign'));
  if (!campaign) throw notFound('campaign');
  return campaign;
}
