import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { countMembers, explainMember } from '../../campaign/segment/members.ts';
import {
  deleteSegment,
  findSegment,
  listSegments,
  saveSegment,
  SegmentName,
} from '../../campaign/segment/segments.ts';
import { MemberId } from '../../contract/message.ts';
import { chooseBrand } from '../choose-brand.ts';
import type { HttpContext } from '../context.ts';
import { notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';

const Conditions = z
  .record(z.string(), z.unknown())
  .describe('All that stands in one object must hold; `any`, `all` and `not` nest others.');

const SegmentBody = z.strictObject({
  name: SegmentName,
  brand: z.string(),
  conditions: Conditions,
  savedAt: z.date(),
});
const SegmentInput = z.strictObject({ conditions: Conditions });
documented.add(SegmentInput, {
  id: 'SegmentConditions',
  examples: [{ conditions: { tier: ['gold'], not: { daysSincePurchase: { atMost: 60 } } } }],
});
documented.add(SegmentBody, {
  id: 'Segment',
  examples: [
    {
      name: 'gold-lapsing',
      brand: 'juniper',
      conditions: { tier: ['gold'], not: { daysSincePurchase: { atMost: 60 } } },
      savedAt: '2026-06-01T09:00:00.000Z',
    },
  ],
});

const Verdict = z.strictObject({
  memberId: z.string(),
  in: z.boolean(),
  because: z
    .array(
      z.strictObject({
        condition: z.string(),
        holds: z.boolean(),
        actual: z.unknown(),
        needed: z.unknown(),
      }),
    )
    .describe('The conditions that decide it.'),
});

const Named = z.strictObject({ name: SegmentName });
const OfBrand = z.strictObject({
  brand: z.string().optional().describe('May be left out where there is one brand, or a default.'),
});
const hour = 3_600_000;

/** Members by conditions over their profile, by name: saved, counted, explained. */
export const segmentRoutes = ({
  pool,
  brands,
  config,
  now,
}: HttpContext): FastifyPluginAsyncZod => {
  const of = (tenant: string, brand: string | undefined) => ({
    tenant,
    brand: chooseBrand(brands, brand ?? config.defaultBrand),
    now: now(),
  });
  const found = async (tenant: string, brand: string, name: string) => {
    const segment = await findSegment(pool, { tenant, brand, name });
    if (!segment) throw notFound('segment');
    return segment;
  };

  return async (app) => {
    const tags = ['campaigns'];
    app.get(
      '/v1/segments',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'listSegments',
          tags,
          summary: 'The segments there are',
          response: { 200: z.strictObject({ segments: z.array(SegmentBody) }), ...refusals() },
        },
      },
      async ({ tenant }) => ({ segments: await listSegments(pool, tenant) }),
    );

    app.put(
      '/v1/segments/:name',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'saveSegment',
          tags,
          summary: 'Store conditions under a name, in place of what that was',
          params: Named,
          querystring: OfBrand,
          body: SegmentInput,
          response: { 200: SegmentBody, ...refusals(400, 408, 413, 415) },
        },
      },
      async ({ params, query, body, tenant }) => {
        const brand = of(tenant, query.brand).brand.id;
        return saveSegment(pool, { tenant, brand, name: params.name }, body.conditions);
      },
    );

    app.delete(
      '/v1/segments/:name',
      {
        config: { access: 'manage' },
        schema: {
          operationId: 'deleteSegment',
          tags,
          summary: 'Forget a segment; campaigns that were made of it keep it',
          params: Named,
          querystring: OfBrand,
          response: { 200: z.strictObject({ deleted: z.literal(true) }), ...refusals(400, 404) },
        },
      },
      async ({ params, query, tenant }) => {
        const brand = of(tenant, query.brand).brand.id;
        const deleted = await deleteSegment(pool, { tenant, brand, name: params.name });
        if (!deleted) throw notFound('segment');
        return { deleted };
      },
    );

    app.get(
      '/v1/segments/:name/count',
      {
        config: { access: 'read' },
        handlerTimeout: hour,
        schema: {
          operationId: 'countSegment',
          tags,
          summary: 'How many members are in it now',
          params: Named,
          querystring: OfBrand,
          response: { 200: z.strictObject({ members: z.int() }), ...refusals(400, 404) },
        },
      },
      async ({ params, query, tenant }) => {
        const whose = of(tenant, query.brand);
        const { conditions } = await found(tenant, whose.brand.id, params.name);
        return { members: await countMembers(pool, whose, conditions) };
      },
    );

    app.get(
      '/v1/segments/:name/members/:memberId',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'explainSegment',
          tags,
          summary: 'Whether a member is in it, and which conditions decide',
          params: Named.extend({ memberId: MemberId }),
          querystring: OfBrand,
          response: { 200: Verdict, ...refusals(400, 404) },
        },
      },
      async ({ params: { name, memberId }, query, tenant }) => {
        const whose = of(tenant, query.brand);
        const { conditions } = await found(tenant, whose.brand.id, name);
        const verdict = await explainMember(pool, whose, conditions, memberId);
        if (!verdict) throw notFound('member');
        return { memberId, in: verdict.holds, because: [...verdict.because] };
      },
    );
  };
};
