import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { Instant } from '../../core/instant.ts';
import { AffectedMessage } from '../../members/affected.ts';
import { Entry } from '../../members/details.ts';
import type { FoundMember, MemberKey } from '../../members/find.ts';
import type { Members } from '../../members/members.ts';
import { MemberView } from '../../members/view.ts';
import type { HttpDeps } from '../deps.ts';
import { HttpError, notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';
import { IdParams } from '../requests.ts';

documented.add(MemberView, {
  id: 'Member',
  description:
    'A member as support sees her. Identities and addresses are masked without the scope `personal`.',
});
documented.add(Entry, { id: 'PointsEntry' });
documented.add(AffectedMessage, { id: 'AffectedMessage' });

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
const Suggest = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
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
const Limit = Page.pick({ limit: true });

/** One member: for support, and for her own right to see and to end what is known of her. */
export const memberRoutes =
  ({ members }: HttpDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/members',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'findMember',
          tags: ['members'],
          summary: 'A member by an address or number of hers',
          description: 'Exactly one of the parameters.',
          querystring: Lookup,
          response: { 200: MemberView, ...refusals(400, 404) },
        },
      },
      async ({ tenant, keyPrefix, scopes, query }) => {
        const member = await found(members, tenant, keyOf(query));
        const full = scopes.includes('personal');
        return members.view(tenant, member, { actor: actorOf(keyPrefix), full });
      },
    );

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
      async ({ tenant, query: { limit, brand, memberId } }) => ({
        suggestions: await members.suggestions(tenant, {
          limit,
          ...(brand !== undefined && { brand }),
          ...(memberId !== undefined && { memberId }),
        }),
      }),
    );

    app.get(
      '/v1/members/:id',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'getMember',
          tags: ['members'],
          summary: 'Who she is, where she stands, what she bought, what we sent her and why',
          description:
            'An account that was merged into another answers with the member it belongs to.',
          params: IdParams,
          response: { 200: MemberView, ...refusals(404) },
        },
      },
      async ({ tenant, keyPrefix, scopes, params }) => {
        const member = await byId(members, tenant, params);
        const full = scopes.includes('personal');
        return members.view(tenant, member, { actor: actorOf(keyPrefix), full });
      },
    );

    app.get(
      '/v1/members/:id/entries',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'listMemberEntries',
          tags: ['members'],
          summary: 'Every movement of her points, the latest first',
          description: 'The next page is what was `before` the last one’s `at`.',
          params: IdParams,
          querystring: Page,
          response: { 200: z.strictObject({ entries: z.array(Entry) }), ...refusals(400, 404) },
        },
      },
      async ({ tenant, keyPrefix, params, query }) => {
        const member = await byId(members, tenant, params);
        const actor = actorOf(keyPrefix);
        return { entries: await members.entries(tenant, member, { actor, ...query }) };
      },
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
          querystring: Limit,
          response: {
            200: z.strictObject({ messages: z.array(AffectedMessage) }),
            ...refusals(400, 404),
          },
        },
      },
      async ({ tenant, keyPrefix, params, query: { limit } }) => {
        const member = await byId(members, tenant, params);
        const actor = actorOf(keyPrefix);
        return { messages: await members.affected(tenant, member, { actor, limit }) };
      },
    );

    app.get(
      '/v1/members/:id/export',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'exportMember',
          tags: ['members'],
          summary: 'Everything that is known of her, as one document',
          params: IdParams,
          response: { 200: z.looseObject({ format: z.string() }), ...refusals(404) },
        },
      },
      async ({ tenant, keyPrefix, params }, reply) => {
        const member = await byId(members, tenant, params);
        void reply.header('cache-control', 'no-store');
        return members.export(tenant, member, { actor: actorOf(keyPrefix) });
      },
    );

    app.post(
      '/v1/members/:id/erase',
      {
        config: { access: 'personal' },
        schema: {
          operationId: 'eraseMember',
          tags: ['members'],
          summary: 'Forget her, for good',
          description: 'Like the event `member.erased`. Asking again does nothing.',
          params: IdParams,
          response: { 204: z.null(), ...refusals(404) },
        },
      },
      async ({ tenant, keyPrefix, params }, reply) => {
        const member = await members.find(tenant, { by: 'memberId', value: params.id });
        if (!member) throw notFound('member');
        if (member.status !== 'erased')
          await members.erase(tenant, member, { actor: actorOf(keyPrefix) });
        return reply.code(204).send(null);
      },
    );
  };

const actorOf = (keyPrefix: string) => keyPrefix || 'local';

async function found(members: Members, tenant: string, key: MemberKey): Promise<FoundMember> {
  const member = await members.find(tenant, key);
  if (!member) throw notFound('member');
  if (member.status === 'erased')
    throw new HttpError(404, 'erased', 'this member was erased; nothing is known of her');
  if (member.status === 'unregistered')
    throw new HttpError(404, 'unregistered', 'nobody has registered this card or number yet');
  return member;
}

const byId = (members: Members, tenant: string, { id }: { id: string }) =>
  found(members, tenant, { by: 'memberId', value: id });

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
