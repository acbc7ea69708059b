import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { MemberId } from '../../contract/message.ts';
import { Money } from '../../core/money.ts';
import { brandsOf } from '../../ledger/batch.ts';
import {
  findRedemption,
  type Redemption,
  type Refusal,
  reserve,
  type Reserved,
  settle,
} from '../../ledger/redemption/redemption.ts';
import type { HttpContext } from '../context.ts';
import { ErrorBody, HttpError, notFound } from '../errors.ts';
import { documented, refusals, replayable } from '../openapi.ts';

const Reservation = z.strictObject({
  memberId: MemberId,
  points: z.int().positive(),
  key: z
    .string()
    .min(1)
    .max(255)
    .describe('Yours: the same reservation sent again under it is the same redemption.'),
  ttlSeconds: z
    .int()
    .min(5)
    .max(86_400)
    .default(900)
    .describe('How long the points stay reserved when nothing else is heard.'),
  orderId: z.string().min(1).max(120).regex(/^\S+$/, 'must not contain spaces').optional(),
});
documented.add(Reservation, {
  id: 'Reservation',
  examples: [{ memberId: 'm-1001', points: 200, key: 'cart-8812', orderId: '1001' }],
});

const Answer = z.strictObject({
  redemptionId: z.string(),
  memberId: z.string(),
  points: z.int(),
  worth: Money.describe('What the points pay, by the programme’s burn rate.'),
  orderId: z.string().nullable(),
  state: z.enum(['open', 'committed', 'released', 'expired']),
  reservedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  settledAt: z.iso.datetime().nullable(),
});
documented.add(Answer, { id: 'Redemption' });

const Refused = z.strictObject({
  ...ErrorBody.shape,
  available: z.int().nullable().describe('What the member could redeem now.'),
  minimum: z.int().nullable().describe('The fewest points that can be redeemed.'),
});
documented.add(Refused, { id: 'RedemptionRefused' });

const params = z.strictObject({ id: z.uuid() });

/** Paying with points: reserve, then commit or release. */
export const redemptionRoutes =
  ({ pool, brands, now, shares }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    const brandOf = brandsOf(brands);
    app.post(
      '/v1/redemptions',
      {
        config: { access: 'send' },
        schema: {
          operationId: 'reservePoints',
          tags: ['redemptions'],
          summary: 'Set points aside to pay with',
          description:
            'The points are locked until they are committed, released, or their time is over. 409 with `available` when the member has too few.',
          body: Reservation,
          response: {
            201: replayable(Answer, 'The points are reserved.'),
            ...refusals(400, 404, 408, 413, 415),
            409: Refused.describe('They cannot be reserved; `error.code` says why.'),
          },
        },
      },
      async ({ body, tenant }, reply) => {
        const outcome = await shares.ledger.run(tenant, body.memberId, () =>
          reserve(pool, tenant, brandOf, body, now()),
        );
        if (outcome.kind === 'reserved') {
          if (outcome.again) void reply.header('idempotent-replayed', 'true');
          return reply.code(201).send(answerOf(outcome.redemption));
        }
        if (outcome.reason === 'unknown-member') throw notFound('member');
        return reply.code(409).send(refusalOf(outcome, outcome.reason));
      },
    );

    for (const how of ['commit', 'release'] as const)
      app.post(
        `/v1/redemptions/:id/${how}`,
        {
          config: { access: 'send' },
          schema: {
            operationId: how === 'commit' ? 'commitRedemption' : 'releaseRedemption',
            tags: ['redemptions'],
            summary: how === 'commit' ? 'Spend the reserved points' : 'Give the points back',
            description: 'Doing so again changes nothing.',
            params,
            response: { 200: Answer, ...refusals(400, 404, 409) },
          },
        },
        async ({ params: { id }, tenant }) => {
          const outcome = await shares.ledger.run(tenant, null, () =>
            settle(pool, tenant, brandOf, id, how, now()),
          );
          if (outcome.kind === 'unknown') throw notFound('redemption');
          const { state } = outcome.redemption;
          if (outcome.kind === 'refused')
            throw new HttpError(409, `redemption-${state}`, `this redemption is already ${state}`);
          return answerOf(outcome.redemption);
        },
      );

    app.get(
      '/v1/redemptions/:id',
      {
        config: { access: 'read' },
        schema: {
          operationId: 'getRedemption',
          tags: ['redemptions'],
          summary: 'One redemption',
          params,
          response: { 200: Answer, ...refusals(400, 404) },
        },
      },
      async ({ params: { id }, tenant }) => {
        const redemption = await findRedemption(pool, tenant, brandOf, id, now());
        if (!redemption) throw notFound('redemption');
        return answerOf(redemption);
      },
    );
  };

const answerOf = ({ reservedAt, expiresAt, settledAt, ...redemption }: Redemption) => ({
  ...redemption,
  reservedAt: reservedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  settledAt: settledAt?.toISOString() ?? null,
});

const sentences: Record<Exclude<Refusal, 'unknown-member'>, string> = {
  'member-not-active': 'this member’s account is not active',
  'insufficient-points': 'the member has fewer points than that',
  'below-minimum': 'fewer points than the programme lets one redeem',
};

const refusalOf = (
  { available, minimum }: Extract<Reserved, { kind: 'refused' }>,
  code: Exclude<Refusal, 'unknown-member'>,
) => ({ error: { code, message: sentences[code], problems: [] }, available, minimum });
