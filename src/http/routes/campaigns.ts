import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';

import type { Brand } from '../../brand/brand.ts';
import { alternativeOf, WantedAlternative } from '../../campaign/alternative.ts';
import { addAudience, excludeMembers } from '../../campaign/audience.ts';
import {
  changeCampaign,
  createCampaign,
  isSameCampaign,
  listCampaigns,
} from '../../campaign/campaigns.ts';
import { campaignCounts } from '../../campaign/counts.ts';
import { campaignTemplate, parametersOf } from '../../campaign/parameters.ts';
import { Gate } from '../../campaign/pilot.ts';
import { requireWhole } from '../../campaign/row-data.ts';
import { SegmentName, segmentsNamed } from '../../campaign/segment/segments.ts';
import { GroupName, MemberId } from '../../contract/message.ts';
import { WantedVersion } from '../../contract/template-version.ts';
import { CampaignTiming } from '../../contract/timing.ts';
import { IdempotencyConflict, InvalidInput } from '../../core/errors.ts';
import { transaction } from '../../postgres/pool.ts';
import { bodyLimits } from '../bodies.ts';
import { bodyOf, CampaignBody, findOr404 } from '../campaign-body.ts';
import { chooseBrand } from '../choose-brand.ts';
import type { HttpContext } from '../context.ts';
import { documented, refusals, replayable } from '../openapi.ts';
import { idempotencyKeyOf, IdempotencyHeaders, IdParams } from '../requests.ts';

const Members = z.strictObject({ memberIds: z.array(MemberId).min(1).max(50_000) });

const Segments = z.array(SegmentName).max(20);

const NewCampaign = z.strictObject({
  template: z.string().optional().describe('A commercial template of the brand.'),
  campaign: z.string().optional().describe('The same by its earlier name.'),
  year: z
    .int()
    .optional()
    .describe('For a year in review: its figures are counted for each member.'),
  data: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Fields of the template’s data that are the same for all; rows of an audience may have others, and their own instead of these.',
    ),
  brand: z.string().optional().describe('May be left out where there is one brand, or a default.'),
  audience: Members.optional().describe(
    'Larger ones, and those with fields of their own, are uploaded to `/v1/campaigns/{id}/audience`.',
  ),
  exclude: Members.optional().describe(
    'Gets nothing, whoever chose them; larger lists are uploaded to `/v1/campaigns/{id}/exclusions`.',
  ),
  segments: Segments.optional().describe(
    'Whose members are added to the audience when it starts, by the conditions of now.',
  ),
  excludeSegments: Segments.optional().describe('Whose members get nothing.'),
  group: GroupName.optional().describe(
    'A member gets one mail at most of all campaigns of a group: of the one that comes first.',
  ),
  holdout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('The share of the audience that is kept out, to compare with: 0.1 is a tenth.'),
  pilot: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe('The share that is written to first; the others once they are released.'),
  gate: Gate.optional().describe('Figures of the pilot that release the others without a person.'),
  alternative: WantedAlternative.optional().describe(
    'A/B: a share of the audience gets another template, or another version of it, and the report compares the two.',
  ),
  timing: CampaignTiming.optional().describe(
    'When its mails go, and how fast; at once, when left out.',
  ),
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
    {
      template: 'early-access',
      data: { offerId: 'activewear-early-access' },
      brand: 'kestrel',
      exclude: { memberIds: ['m-1003'] },
      group: 'autumn',
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
          response: {
            201: replayable(CampaignBody, 'The campaign is there.'),
            ...refusals(400, 408, 409, 413, 415),
          },
        },
      },
      async (request, reply) => {
        const { body, tenant } = request;
        if (body.start && !body.audience && !body.segments?.length) {
          throw new InvalidInput([
            {
              path: 'start',
              message: 'needs an audience; upload it first, then start the campaign',
            },
          ]);
        }
        if (body.gate && body.pilot === undefined)
          throw new InvalidInput([{ path: 'gate', message: 'is for a campaign with a pilot' }]);
        const idempotencyKey = idempotencyKeyOf(request, undefined) ?? null;
        const brand = chooseBrand(brands, body.brand ?? config.defaultBrand);
        const template = templateOf(body, brand, templates);
        const parameters = parametersOf(template, body, now());
        if (body.audience || body.segments?.length) requireWhole(template, parameters);
        const wanted = {
          brand: brand.id,
          template: template.name,
          parameters,
          group: body.group ?? null,
          segments: await segmentsNamed(pool, { tenant, brand: brand.id }, body.segments),
          excludedSegments: await segmentsNamed(
            pool,
            { tenant, brand: brand.id },
            body.excludeSegments,
            'excludeSegments',
          ),
          holdout: body.holdout,
          pilot: body.pilot ?? null,
          gate: body.gate ?? null,
          alternative: body.alternative
            ? await alternativeOf(
                pool,
                { tenant, brand, template, version: body.templateVersion, made: body, now: now() },
                body.alternative,
                templates,
              )
            : null,
          timing: body.timing ?? null,
        };
        const other = templates.find(({ name }) => name === wanted.alternative?.template);
        if (other && (body.audience || body.segments?.length)) requireWhole(other, parameters);
        const id = uuidv7();
        const campaign = await createCampaign(pool, {
          id,
          tenant,
          ...wanted,
          idempotencyKey,
          wantedVersion: body.templateVersion === 'live' ? null : (body.templateVersion ?? null),
        });
        if (!isSameCampaign(campaign, wanted, body.templateVersion))
          throw new IdempotencyConflict(idempotencyKey ?? campaign.id);
        // A repeated request finishes what an interrupted one began; a campaign under way is left alone.
        if (campaign.state === 'loading') {
          if (body.exclude) await excludeMembers(pool, campaign.id, body.exclude.memberIds);
          if (body.audience) await addAudience(pool, campaign.id, body.audience.memberIds);
          if (body.start)
            await transaction(pool, (db) => changeCampaign(db, tenant, campaign.id, 'running'));
        }
        if (campaign.id !== id) void reply.header('idempotent-replayed', 'true');
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

/** The template a request names, by either name of the field. */
function templateOf(
  { template, campaign }: z.infer<typeof NewCampaign>,
  brand: Brand,
  templates: HttpContext['templates'],
) {
  const field = template === undefined ? 'campaign' : 'template';
  const name = template ?? campaign;
  if (name === undefined || (template !== undefined && campaign !== undefined))
    throw new InvalidInput([
      { path: 'template', message: name ? 'and campaign are the same; say one' : 'is missing' },
    ]);
  return campaignTemplate(name, brand, templates, field);
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
