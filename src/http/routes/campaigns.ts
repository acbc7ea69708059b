import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';

import type { Brand } from '../../brand/brand.ts';
import {
  addAudience,
  campaignCounts,
  changeCampaign,
  createCampaign,
  listCampaigns,
} from '../../campaign/campaigns.ts';
import { checkCampaign, checkYear } from '../../campaign/fan-out.ts';
import { MemberId } from '../../contract/message.ts';
import { keepsVersion, WantedVersion } from '../../contract/template-version.ts';
import { IdempotencyConflict, InvalidInput } from '../../core/errors.ts';
import { transaction } from '../../postgres/pool.ts';
import { bodyLimits } from '../bodies.ts';
import { bodyOf, CampaignBody, findOr404 } from '../campaign-body.ts';
import type { HttpContext } from '../context.ts';
import { documented, refusals } from '../openapi.ts';
import { idempotencyKeyOf, IdempotencyHeaders, IdParams } from '../requests.ts';

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

const Progress = CampaignBody.extend({
  messages: z.record(z.string(), z.int()).describe('How many messages are in which state.'),
  reasons: z
    .record(z.string(), z.record(z.string(), z.int()))
    .describe('By state, how many for which reason: `suppressed.no-marketing-consent`.'),
});
documented.add(Progress, { id: 'CampaignProgress' });

/** A message to each member of an audience, once: made and watched. */
export const campaignRoutes =
  ({ pool, brands, templates, config, now }: HttpContext): FastifyPluginAsyncZod =>
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
        const year = checkYear(body.year, now());
        if (body.start && !body.audience) {
          throw new InvalidInput([
            {
              path: 'start',
              message: 'needs an audience; upload it first, then start the campaign',
            },
          ]);
        }
        const idempotencyKey = idempotencyKeyOf(request, undefined) ?? null;
        const brand = chooseBrand(brands, body.brand ?? config.defaultBrand);
        checkCampaign(body.campaign, brand, templates);
        const campaign = await createCampaign(pool, {
          id: uuidv7(),
          tenant,
          brand: brand.id,
          template: body.campaign,
          parameters: { year },
          idempotencyKey,
          wantedVersion: body.templateVersion === 'live' ? null : (body.templateVersion ?? null),
        });
        const sameVersion = keepsVersion(campaign.pinnedVersion, body.templateVersion);
        if (campaign.brand !== brand.id || campaign.parameters.year !== year || !sameVersion) {
          throw new IdempotencyConflict(idempotencyKey ?? campaign.id);
        }
        // A repeated request finishes what an interrupted one began; a campaign under way is left alone.
        if (campaign.state === 'loading') {
          if (body.audience) await addAudience(pool, campaign.id, body.audience.memberIds);
          if (body.start)
            await transaction(pool, (db) => changeCampaign(db, tenant, campaign.id, 'running'));
        }
        return reply.code(201).send(bodyOf(await findOr404(pool, tenant, campaign)));
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
      async ({ tenant }) => ({ campaigns: (await listCampaigns(pool, tenant)).map(bodyOf) }),
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
        const campaign = await findOr404(pool, tenant, params);
        return { ...bodyOf(campaign), ...countsOf(await campaignCounts(pool, campaign.id)) };
      },
    );
  };

function chooseBrand(brands: HttpContext['brands'], wanted: string | undefined): Brand {
  const known = [...brands.keys()];
  const id = wanted ?? (known.length === 1 ? known[0] : undefined);
  const brand = id === undefined ? undefined : brands.get(id)?.brand;
  if (brand) return brand;
  throw new InvalidInput([
    {
      path: 'brand',
      message: `${id === undefined ? 'is needed here' : 'is not known'}; there are ${known.join(', ')}`,
    },
  ]);
}

type Counts = Awaited<ReturnType<typeof campaignCounts>>;

function countsOf(counts: Counts): Pick<z.input<typeof Progress>, 'messages' | 'reasons'> {
  const messages: Record<string, number> = {};
  const reasons: Record<string, Record<string, number>> = {};
  for (const { state, reason, count } of counts) {
    messages[state] = (messages[state] ?? 0) + count;
    if (reason !== null) (reasons[state] ??= {})[reason] = count;
  }
  return { messages, reasons };
}
