import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { Instant } from '../../core/instant.ts';
import { readAfter } from '../../stats/after.ts';
import { statsCsv } from '../../stats/csv.ts';
import { groupings, readStats } from '../../stats/read.ts';
import type { HttpContext } from '../context.ts';
import { jsonOrCsv, sendCsv } from '../csv-replies.ts';
import { documented, refusals } from '../openapi.ts';

const Share = z
  .strictObject({
    count: z.int(),
    of: z.enum(['accepted', 'sent']),
    base: z.int().describe('How many were accepted, or sent.'),
    share: z.number().nullable().describe('From 0 to 1; null where the base is nothing.'),
  })
  .describe('A count, and what it is a part of.');
documented.add(Share, { id: 'Share' });

export const Figures = z.strictObject({
  accepted: z.int(),
  sent: Share,
  waiting: Share.describe('Waiting for a worker, or in one.'),
  held: Share,
  suppressed: Share,
  failed: Share,
  quarantined: Share,
  cancelled: Share,
  reasons: z
    .record(z.string(), z.record(z.string(), z.int()))
    .describe('By state and reason: `suppressed.no-marketing-consent`.'),
  delivered: Share.describe('As mail programs tell it; each mail once of a kind, as below.'),
  softBounced: Share,
  hardBounced: Share,
  complained: Share,
  unsubscribed: Share,
  clicked: Share.describe(
    'Where the provider tells them, or the brand counts links. Opens are never counted.',
  ),
});

const After = z
  .strictObject({
    days: z.int(),
    mails: z.int().describe('Mails sent to members who are still known.'),
    redeemed: z.int().describe('Of them followed by points spent or a coupon used.'),
    bought: z.int().describe('Of them followed by a purchase that was kept.'),
  })
  .nullable()
  .describe('What members did in the days after; null where `days` was left out.');

const Stats = z.strictObject({
  by: z.enum(groupings),
  since: z.date().describe('Whole hours: the hour of what was asked for.'),
  before: z.date(),
  lines: z.array(
    z.strictObject({
      brand: z.string(),
      name: z.string().describe('Of the template or trigger; the id of the campaign.'),
      template: z.string().nullable().describe('What it sends; null where those are several.'),
      figures: Figures,
      after: After,
    }),
  ),
});
documented.add(Stats, { id: 'Stats' });

const Query = z.strictObject({
  by: z.enum(groupings).default('template'),
  since: Instant.optional().describe('Accepted in this hour or later; 30 days ago, when left out.'),
  before: Instant.optional().describe('Accepted before this hour ended; now, when left out.'),
  brand: z.string().max(64).optional(),
  name: z.string().max(100).optional().describe('One template, trigger or campaign alone.'),
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(366)
    .optional()
    .describe(
      'Also what members did within so many days; counted mail by mail, so it takes a while.',
    ),
  format: z.enum(['json', 'csv']).default('json'),
});

/** What became of messages, in figures. */
export const statsRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/stats',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'readStats',
          tags: ['messages'],
          summary: 'What became of messages, by template, trigger or campaign',
          description:
            'Of those accepted in a time, whenever they ended. Each figure says what it is a part of. With `format=csv` a line each.',
          querystring: Query,
          response: {
            200: jsonOrCsv('The figures.', Stats),
            ...refusals(400),
          },
        },
      },
      async ({ query: { days, format, since, before, ...asked }, tenant }, reply) => {
        const query = {
          ...asked,
          since: since === undefined ? since : new Date(since),
          before: before === undefined ? before : new Date(before),
        };
        const stats = await readStats(pool, tenant, query);
        const after =
          days === undefined ? null : await readAfter(pool, tenant, { ...query, ...stats }, days);
        const lines = stats.lines.map((line) => ({
          ...line,
          after: after?.get(`${line.brand}\n${line.name}`) ?? null,
        }));
        return format === 'json'
          ? { ...stats, lines }
          : sendCsv(reply, stats.by, statsCsv(stats, lines));
      },
    );
  };
