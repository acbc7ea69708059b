import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type pg from 'pg';

import { type Campaign, changeCampaign } from '../../campaign/campaigns.ts';
import { transaction } from '../../postgres/pool.ts';
import { bodyOf, CampaignBody, findOr404 } from '../campaign-body.ts';
import type { HttpContext } from '../context.ts';
import { HttpError } from '../errors.ts';
import { refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';

/** From the verb in the route to the state it leads to. */
const verbs = {
  start: 'running',
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
} as const;
const verbNames = ['start', 'pause', 'resume', 'cancel'] as const;

/** Starting, pausing, resuming and cancelling a campaign. */
export const campaignStateRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    for (const verb of verbNames) {
      app.post(
        `/v1/campaigns/:id/${verb}`,
        {
          config: { access: 'manage' },
          schema: {
            operationId: `${verb}Campaign`,
            tags: ['campaigns'],
            summary: `${verb.charAt(0).toUpperCase()}${verb.slice(1)} a campaign`,
            description: 'Messages in a worker’s hands are still sent; all others obey at once.',
            params: IdParams,
            response: { 200: CampaignBody, ...refusals(404, 409) },
          },
        },
        async ({ params, tenant }) => bodyOf(await change(pool, tenant, params, verb)),
      );
    }
  };

const wrongState = (why: string) => new HttpError(409, 'wrong-state', why);

async function change(
  pool: pg.Pool,
  tenant: string,
  params: { id: string },
  verb: keyof typeof verbs,
): Promise<Campaign> {
  const campaign = await findOr404(pool, tenant, params);
  const to = verbs[verb];
  if (campaign.state === to) return campaign;
  if (campaign.audienceSize === 0 && campaign.segments.length === 0 && to === 'running') {
    throw wrongState('the campaign has no audience yet; upload one first');
  }
  if (verb === 'resume' && campaign.state === 'loading') {
    throw wrongState('the campaign was never started; start it');
  }
  const changed = await transaction(pool, (db) => changeCampaign(db, tenant, campaign.id, to));
  if (!changed) throw wrongState(`the campaign is ${campaign.state}; it can’t ${verb}`);
  return changed;
}
