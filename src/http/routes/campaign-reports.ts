import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { releasePilot } from '../../campaign/pilot.ts';
import { reportCsv } from '../../campaign/report-csv.ts';
import { reportCampaign } from '../../campaign/report.ts';
import { bodyOf, CampaignBody, findOr404 } from '../campaign-body.ts';
import type { HttpContext } from '../context.ts';
import { jsonOrCsv, sendCsv } from '../csv-replies.ts';
import { HttpError, notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';
import { Figures } from './stats.ts';

const Arm = z.strictObject({
  members: z.int(),
  buyers: z.number().describe('The share of them who bought something and kept it.'),
  purchasesPerMember: z.number(),
  spendPerMember: z.number().describe('Minor units.'),
  redeemers: z.number().describe('The share of them who spent points or used a coupon.'),
});
const Difference = z
  .strictObject({ value: z.number(), from: z.number(), to: z.number() })
  .nullable()
  .describe(
    'With its 95 % confidence interval; null where fewer than 30 members are in one of the two.',
  );

const Told = <Value extends z.ZodType>(value: Value) => ({
  delivered: value,
  clicked: value,
  unsubscribed: value,
  complained: value,
  hardBounced: value,
});
const Side = Arm.extend({
  template: z.string(),
  pinnedVersion: z.string().nullable(),
  sent: z.int(),
  ...Told(z.int()),
});
const Differences = z.strictObject({
  buyers: Difference,
  purchasesPerMember: Difference,
  spendPerMember: Difference,
  redeemers: Difference,
});

const Report = z.strictObject({
  days: z.int(),
  currency: z.string(),
  mails: Figures.describe('What became of its mails.'),
  treated: Arm.describe('Whom it meant to write to, whether or not a rule kept the mail back.'),
  holdout: Arm.describe('Who was kept out of this campaign or of all.'),
  difference: Differences,
  alternatives: z
    .strictObject({ a: Side, b: Side, difference: Differences.extend(Told(Difference)) })
    .nullable()
    .describe('Its two mails against each other, B less A; null where all get the same.'),
});
documented.add(Report, { id: 'CampaignReport' });

/** What follows a pilot, and what a campaign brought about. */
export const campaignReportRoutes =
  ({ pool, brands }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/v1/campaigns/:id/release',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'releaseCampaign',
          tags: ['campaigns'],
          summary: 'Let the others follow after a campaign’s pilot',
          params: IdParams,
          response: { 200: CampaignBody, ...refusals(404, 409) },
        },
      },
      async ({ params, tenant }) => {
        const campaign = await findOr404(pool, tenant, params);
        if (campaign.pilotState !== 'released' && !(await releasePilot(pool, tenant, campaign.id)))
          throw new HttpError(
            409,
            'wrong-state',
            campaign.pilot === null
              ? 'the campaign has no pilot'
              : `the campaign is ${campaign.state}; nothing of it waits to be released`,
          );
        return bodyOf(await findOr404(pool, tenant, params));
      },
    );

    app.get(
      '/v1/campaigns/:id/report',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'reportCampaign',
          tags: ['campaigns'],
          summary:
            'What became of its mails, and what members bought against those who were kept out',
          params: IdParams,
          querystring: z.strictObject({
            days: z.coerce.number().int().min(1).max(366).default(14),
            format: z.enum(['json', 'csv']).default('json'),
          }),
          response: { 200: jsonOrCsv('The report.', Report), ...refusals(400, 404) },
        },
      },
      async ({ params, query: { days, format }, tenant }, reply) => {
        const campaign = await findOr404(pool, tenant, params);
        const brand = brands.get(campaign.brand)?.brand;
        if (!brand) throw notFound('brand');
        const report = await reportCampaign(pool, campaign, {
          days,
          currency: brand.programme.currency,
        });
        return format === 'json' ? report : sendCsv(reply, 'campaign', reportCsv(report));
      },
    );
  };
