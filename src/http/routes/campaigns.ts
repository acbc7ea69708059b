import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';

import type { Campaign } from '../../campaign/campaigns.ts';
import { checkYear } from '../../campaign/fan-out.ts';
import { MemberId } from '../../contract/message.ts';
import { keepsVersion, WantedVersion } from '../../contract/template-version.ts';
import { IdempotencyConflict, InvalidInput } from '../../core/errors.ts';
import { bodyLimits } from '../bodies.ts';
import type { HttpDeps } from '../deps.ts';
import { HttpError, notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';
import { idempotencyKeyOf, IdempotencyHeaders, idOf, IdParams } from '../requests.ts';

const NewCampaign = z.strictObject({
  campaign: z.literal('year-in-review'),
  year: z.int(),
  brand: z.string().optional().describe('May be left out where there is one brand, or a default.'),
  audience: z
    .strictObject({ memberIds: z.array(MemberId).min(1).max(50_000) })
    .optional()
    .describe('Larger ones are uploaded to `/v1/campaigns/{id}/audience`.'),
  templateVersion: WantedVersion.optional().describe(
    'Keep one version of the template for all its messages: `accepted`, what is live now, or a hash; `live`, when left out.',
  ),
  start: z.boolean().default(false).describe('Start at once; needs an audience.'),
});
documented.add(NewCampaign, {
  id: 'NewCampaign',
  examples: [
    {
      campaign: 'year-in-review',
      year: 2025,
      brand: 'kestrel',
      audience: { memberIds: ['m-1001', 'm-1002'] },
      start: true,
    },
  ],
});

const CampaignBody = z.strictObject({
  id: z.uuid(),
  campaign: z.string(),
  brand: z.string(),
  year: z.int(),
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
const Progress = CampaignBody.extend({
  messages: z.record(z.string(), z.int()).describe('How many messages are in which state.'),
  reasons: z
    .record(z.string(), z.record(z.string(), z.int()))
    .describe('By state, how many for which reason: `suppressed.no-marketing-consent`.'),
});
documented.add(CampaignBody, { id: 'Campaign' });
documented.add(Progress, { id: 'CampaignProgress' });

/** From the verb in the route to the state it leads to. */
const verbs = {
  start: 'running',
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
} as const;
const verbNames = ['start', 'pause', 'resume', 'cancel'] as const;

/** A message to each member of an audience, once: made, watched, paused, resumed and cancelled. */
export const campaignRoutes =
  (deps: HttpDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/v1/campaigns',
      {
        config: { access: 'manage' },
        bodyLimit: bodyLimits.many,
        schema: {
          operationId: 'createCampaign',
          tags: ['campaigns'],
          summary: 'Make a campaign',
          description: 'The same idempotency key with the same body gives the same campaign.',
          headers: IdempotencyHeaders,
          body: NewCampaign,
          response: { 201: CampaignBody, ...refusals(400, 408, 409, 413, 415) },
        },
      },
      async (request, reply) => {
        const { body, tenant } = request;
        const year = checkYear(body.year, deps.now());
        if (body.start && !body.audience) {
          throw new InvalidInput([
            {
              path: 'start',
              message: 'needs an audience; upload it first, then start the campaign',
            },
          ]);
        }
        const idempotencyKey = idempotencyKeyOf(request, undefined) ?? null;
        const brand = chooseBrand(deps, body.brand);
        const campaign = await deps.createCampaign({
          id: uuidv7(),
          tenant,
          brand,
          template: body.campaign,
          parameters: { year },
          idempotencyKey,
          wantedVersion: body.templateVersion === 'live' ? null : (body.templateVersion ?? null),
        });
        const sameVersion = keepsVersion(campaign.pinnedVersion, body.templateVersion);
        if (campaign.brand !== brand || campaign.parameters.year !== year || !sameVersion) {
          throw new IdempotencyConflict(idempotencyKey ?? campaign.id);
        }
        // A repeated request finishes what an interrupted one began; a campaign under way is left alone.
        if (campaign.state === 'loading') {
          if (body.audience) await deps.addAudience(campaign.id, body.audience.memberIds);
          if (body.start) await deps.changeCampaign(tenant, campaign.id, 'running');
        }
        return reply.code(201).send(bodyOf(await find(deps, tenant, campaign)));
      },
    );

    app.get(
      '/v1/campaigns',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'listCampaigns',
          tags: ['campaigns'],
          summary: 'The last 100 campaigns, newest first',
          response: { 200: z.strictObject({ campaigns: z.array(CampaignBody) }), ...refusals() },
        },
      },
      async ({ tenant }) => ({ campaigns: (await deps.listCampaigns(tenant)).map(bodyOf) }),
    );

    app.get(
      '/v1/campaigns/:id',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'getCampaign',
          tags: ['campaigns'],
          summary: 'How far a campaign is, and why members got no mail',
          params: IdParams,
          response: { 200: Progress, ...refusals(404) },
        },
      },
      async ({ params, tenant }) => {
        const campaign = await find(deps, tenant, params);
        return { ...bodyOf(campaign), ...countsOf(await deps.campaignCounts(campaign.id)) };
      },
    );

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
        async ({ params, tenant }) => bodyOf(await change(deps, tenant, params, verb)),
      );
    }
  };

const wrongState = (why: string) => new HttpError(409, 'wrong-state', why);

async function change(
  deps: HttpDeps,
  tenant: string,
  params: { id: string },
  verb: keyof typeof verbs,
): Promise<Campaign> {
  const campaign = await find(deps, tenant, params);
  const to = verbs[verb];
  if (campaign.state === to) return campaign;
  if (campaign.audienceSize === 0 && to === 'running') {
    throw wrongState('the campaign has no audience yet; upload one first');
  }
  if (verb === 'resume' && campaign.state === 'loading') {
    throw wrongState('the campaign was never started; start it');
  }
  const changed = await deps.changeCampaign(tenant, campaign.id, to);
  if (!changed) throw wrongState(`the campaign is ${campaign.state}; it can’t ${verb}`);
  return changed;
}

async function find(deps: HttpDeps, tenant: string, params: { id: string }): Promise<Campaign> {
  const campaign = await deps.findCampaign(tenant, idOf(params, 'campaign'));
  if (!campaign) throw notFound('campaign');
  return campaign;
}

function chooseBrand({ brands, defaultBrand }: HttpDeps, wanted: string | undefined): string {
  const known = [...brands.keys()];
  const brand = wanted ?? defaultBrand ?? (known.length === 1 ? known[0] : undefined);
  if (brand !== undefined && brands.has(brand)) return brand;
  throw new InvalidInput([
    {
      path: 'brand',
      message: `${brand === undefined ? 'is needed here' : 'is not known'}; there are ${known.join(', ')}`,
    },
  ]);
}

const bodyOf = (campaign: Campaign): z.input<typeof CampaignBody> => ({
  id: campaign.id,
  campaign: campaign.template,
  brand: campaign.brand,
  year: campaign.parameters.year,
  pinnedVersion: campaign.pinnedVersion,
  state: campaign.state,
  audience: campaign.audienceSize,
  made: campaign.cursor,
  createdAt: campaign.createdAt,
  finishedAt: campaign.finishedAt,
});

type Counts = Awaited<ReturnType<HttpDeps['campaignCounts']>>;

function countsOf(counts: Counts): Pick<z.input<typeof Progress>, 'messages' | 'reasons'> {
  const messages: Record<string, number> = {};
  const reasons: Record<string, Record<string, number>> = {};
  for (const { state, reason, count } of counts) {
    messages[state] = (messages[state] ?? 0) + count;
    if (reason !== null) (reasons[state] ??= {})[reason] = count;
  }
  return { messages, reasons };
}
