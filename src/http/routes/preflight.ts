import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { preflight } from '../../campaign/preflight.ts';
import { liveVersionOf } from '../../render/version/template-versions.ts';
import { findOr404 } from '../campaign-body.ts';
import type { HttpContext } from '../context.ts';
import { HttpError, notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';

const Sample = z
  .strictObject({
    sample: z
      .int()
      .min(1)
      .max(1_000)
      .default(200)
      .describe('How many to look at, always the same; `laurel campaign preflight --all`: all.'),
  })
  .default({ sample: 200 });
documented.add(Sample, { id: 'PreflightSample', examples: [{ sample: 100 }] });

const Outcome = z.strictObject({
  count: z.int(),
  examples: z.array(z.string()).readonly().describe('A few of the members.'),
  error: z.string().nullable().describe('What went wrong with the first.'),
});
const Outcomes = z.record(z.string(), Outcome);

const Preflight = z.strictObject({
  ready: z
    .boolean()
    .describe('False where a mail could not be made: put that right before it is started.'),
  audience: z.int(),
  lookedAt: z.int(),
  willSend: Outcome,
  held: Outcomes.describe('By reason.'),
  suppressed: Outcomes.describe('By reason.'),
  errors: Outcomes.describe('What is broken, by reason.'),
  tooLittle: Outcome.nullable().describe(
    'Of those it would write to, who gets the small review of a year; null where it counts no figures.',
  ),
  bytes: z
    .strictObject({ smallest: z.int(), mean: z.int(), largest: z.int() })
    .nullable()
    .describe('Of the mails.'),
  coupons: z
    .array(z.strictObject({ offerId: z.string(), needed: z.int(), free: z.int() }))
    .readonly()
    .describe('Of each pool: codes that all its mails need, going by those looked at; codes free.'),
  estimatedSeconds: z
    .number()
    .describe('To make all of them on one worker, or as long as its pace takes.'),
});
documented.add(Preflight, { id: 'Preflight' });

/** What a campaign would do, without sending. */
export const preflightRoutes =
  ({ pool, brands, templates, now, attempt }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    let running = false;
    app.post(
      '/v1/campaigns/:id/preflight',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'preflightCampaign',
          tags: ['campaigns'],
          summary: 'What a campaign would do: its mails are made as its worker would, and not sent',
          description: 'Nothing is stored. One at a time; another is refused meanwhile.',
          params: IdParams,
          body: Sample,
          response: { 200: Preflight, ...refusals(400, 404, 409) },
        },
      },
      async ({ params, body: { sample }, tenant }) => {
        const campaign = await findOr404(pool, tenant, params);
        const brand = brands.get(campaign.brand)?.brand;
        if (!brand) throw notFound('brand');
        const template = templates.find(({ name }) => name === campaign.template);
        if (!template) throw notFound('template');
        if (running)
          throw new HttpError(409, 'wrong-state', 'another preflight is running; try later');
        running = true;
        try {
          const parts = {
            pool,
            brand,
            template,
            other: templates.find(({ name }) => name === campaign.alternative?.template),
            now,
            attempt,
            liveVersionOf: (name: string) => liveVersionOf(pool, tenant, name),
          };
          const found = await preflight(campaign, parts, sample);
          return { ready: Object.keys(found.errors).length === 0, ...found };
        } finally {
          running = false;
        }
      },
    );
  };
