import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { suggestMerges } from '../../ledger/identity/suggest-merges.ts';
import { AffectedMessage } from '../../members/affected.ts';
import { affectedOf } from '../../members/members.ts';
import type { HttpContext } from '../context.ts';
import { byId, named } from '../inquiry.ts';
import { documented, refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';

documented.add(AffectedMessage, { id: 'AffectedMessage' });

const Text = z.string().min(1).max(320);
const limit = z.coerce.number().int().min(1).max(500).default(100);
const Suggest = z.strictObject({
  limit: limit.default(50),
  brand: Text.optional(),
  memberId: Text.optional(),
});
const Suggestion = z.strictObject({
  brand: z.string(),
  memberIds: z.tuple([z.string(), z.string()]).readonly(),
  score: z.number(),
  facts: z
    .array(
      z.strictObject({
        fact: z.enum([
          'mailbox',
          'phone',
          'card',
          'customer-number',
          'membership-number',
          'name',
          'local-part',
        ]),
        values: z.tuple([z.string(), z.string()]).readonly(),
      }),
    )
    .readonly(),
});

/** Who is probably the same person, and what mails of wrong links said. */
export const memberLinkRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/members/merge-suggestions',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'suggestMerges',
          tags: ['members'],
          summary: 'Pairs of members who are probably one person, the likeliest first',
          description:
            'The first of a pair has been a member for longer. Merging is the event `members.merged`. Without `memberId` everybody is compared, which takes seconds for a million members.',
          querystring: Suggest,
          response: {
            200: z.strictObject({ suggestions: z.array(Suggestion) }),
            ...refusals(400),
          },
        },
      },
      async ({ tenant, query: { limit: most, brand, memberId } }) => ({
        suggestions: await suggestMerges(context.pool, tenant, {
          limit: most,
          ...(brand !== undefined && { brand }),
          ...(memberId !== undefined && { memberId }),
        }),
      }),
    );

    app.get(
      '/v1/members/:id/affected-messages',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'listAffectedMessages',
          tags: ['members'],
          summary: 'Mails made from a profile that wasn’t one person’s, and what they said',
          description:
            'Of accounts that were merged or linked by mistake: sent between the link and its end, or since, while it is disputed.',
          params: IdParams,
          querystring: z.strictObject({ limit }),
          response: {
            200: z.strictObject({ messages: z.array(AffectedMessage) }),
            ...refusals(400, 404),
          },
        },
      },
      async ({ tenant, keyPrefix, params, query }) => {
        const inquiry = await named(context, { tenant, keyPrefix }, byId(params));
        return { messages: await affectedOf(context, inquiry, query) };
      },
    );
  };
