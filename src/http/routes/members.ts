import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { Instant } from '../../core/instant.ts';
import { Entry } from '../../members/details.ts';
import type { MemberKey } from '../../members/find.ts';
import { entriesOf, viewMember } from '../../members/members.ts';
import { MemberView } from '../../members/view.ts';
import type { HttpContext } from '../context.ts';
import { byId, named } from '../inquiry.ts';
import { documented, refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';

documented.add(MemberView, {
  id: 'Member',
  description:
    'A member as support sees them. Identities and addresses are masked without the scope `personal`.',
});
documented.add(Entry, { id: 'PointsEntry' });

const Text = z.string().min(1).max(320);
const Lookup = z.strictObject({
  email: Text.optional(),
  phone: Text.optional(),
  card: Text.optional(),
  customerNumber: Text.optional(),
  membershipNumber: Text.optional(),
});
const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: Instant.optional(),
});

/** One member, for support. */
export const memberRoutes =
  (context: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/members',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'findMember',
          tags: ['members'],
          summary: 'A member by an address or number',
          description: 'Exactly one of the parameters.',
          querystring: Lookup,
          response: { 200: MemberView, ...refusals(400, 404) },
        },
      },
      async ({ tenant, keyPrefix, scopes, query }) =>
        viewMember(context, await named(context, { tenant, keyPrefix }, keyOf(query)), {
          full: scopes.includes('personal'),
        }),
    );

    app.get(
      '/v1/members/:id',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'getMember',
          tags: ['members'],
          summary:
            'Who the member is, where they stand, what they bought, what was sent to them and why',
          description:
            'An account that was merged into another answers with the member it belongs to.',
          params: IdParams,
          response: { 200: MemberView, ...refusals(404) },
        },
      },
      async ({ tenant, keyPrefix, scopes, params }) =>
        viewMember(context, await named(context, { tenant, keyPrefix }, byId(params)), {
          full: scopes.includes('personal'),
        }),
    );

    app.get(
      '/v1/members/:id/entries',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'listMemberEntries',
          tags: ['members'],
          summary: 'Every movement of the member’s points, the latest first',
          description: 'The next page is what was `before` the last one’s `at`.',
          params: IdParams,
          querystring: Page,
          response: { 200: z.strictObject({ entries: z.array(Entry) }), ...refusals(400, 404) },
        },
      },
      async ({ tenant, keyPrefix, params, query }) => {
        const inquiry = await named(context, { tenant, keyPrefix }, byId(params));
        return { entries: await entriesOf(context, inquiry, query) };
      },
    );
  };

function keyOf(query: z.infer<typeof Lookup>): MemberKey {
  const given = (['email', 'phone', 'card', 'customerNumber', 'membershipNumber'] as const).flatMap(
    (by): MemberKey[] => (query[by] === undefined ? [] : [{ by, value: query[by] }]),
  );
  const [key, ...others] = given;
  if (key && others.length === 0) return key;
  throw new InvalidInput([
    {
      path: key ? (others[0]?.by ?? '') : 'email',
      message: key
        ? 'is one parameter too many; give one of them'
        : 'is needed, or phone, card, customerNumber or membershipNumber',
    },
  ]);
}
