import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

import type { Money } from '../src/core/money.ts';
import { defineBlock } from '../src/decision/blocks/block.ts';
import { defineTemplate } from '../src/decision/define-template.ts';
import type { TemplateProps } from '../src/render/react/template-props.ts';
import type { flightBooking } from './flight-booking/template.ts';
import type { statusStatementReact } from './status-statement-react/template.ts';

/** A definition whose blocks and data the tests vary. */
const base = {
  name: 'note',
  title: 'Note',
  class: 'transactional',
  schema: z.strictObject({ orderId: z.string(), at: z.date() }),
  blocks: ['status', 'offers'],
  headline: () => ({}),
  onUnknown: 'resend',
} as const;

const none = { amount: 0, currency: 'EUR' };
const purchase = {
  kind: 'order',
  total: none,
  payable: none,
  payableWithPoints: false,
  items: [],
  attributes: {},
  includes: [],
} as const;

// What is planted here must not compile: where it does, its `@ts-expect-error` is the error.
describe('a mistake in a definition does not compile:', () => {
  it('a block there is none of, and one that is not placed', () => {
    // @ts-expect-error there is no block statuz
    defineTemplate({ ...base, blocks: ['statuz'] });
    // @ts-expect-error it places no recommendation
    defineTemplate({ ...base, needs: ['recommendation'] });
    const freshness = { maxAgeMs: 1, older: 'omit' } as const;
    // @ts-expect-error it places no bonus
    defineTemplate({ ...base, freshness: { bonus: freshness } });
    // @ts-expect-error a template without blocks needs none
    defineTemplate({ ...base, blocks: [], needs: ['status'] });
    const right = defineTemplate({ ...base, needs: ['offers'], freshness: { status: freshness } });
    expectTypeOf(right.blocks).toEqualTypeOf<readonly ('status' | 'offers')[]>();
    expect(Object.keys(right.views)).toEqual(expect.arrayContaining(['status', 'offers']));
  });

  it('a field the data has not got, in each thing made of the data', () => {
    const right = defineTemplate({ ...base, about: ({ orderId }) => [orderId] });
    expect(right.about?.({ orderId: '1', at: new Date(0) })).toEqual(['1']);
    // @ts-expect-error orderIt
    defineTemplate({ ...base, headline: ({ orderIt }) => ({ orderIt }) });
    // @ts-expect-error orderIt
    defineTemplate({ ...base, about: ({ orderIt }) => [`order:${orderIt}`] });
    // @ts-expect-error orderIt
    defineTemplate({ ...base, order: ({ orderIt: id }) => ({ ...purchase, id }) });
    // @ts-expect-error bonus
    defineTemplate({ ...base, bonusId: ({ bonus }) => bonus });
    // @ts-expect-error offer
    defineTemplate({ ...base, offerId: ({ offer }) => offer });
    // @ts-expect-error reward
    defineTemplate({ ...base, rewardId: ({ reward }) => reward });
    // @ts-expect-error orderIt
    defineTemplate({ ...base, satisfied: ({ orderIt }) => ({ actual: orderIt, needed: null }) });
    // @ts-expect-error orderIt
    defineTemplate({ ...base, linkedData: ({ orderIt }) => [{ '@type': 'Order', orderIt }] });
  });

  it('a view that is not what its block shows', () => {
    const block = {
      name: 'greeting',
      version: 1,
      content: 'service',
      membersOnly: false,
      view: z.strictObject({ words: z.string() }),
    } as const;
    // @ts-expect-error wordz
    defineBlock({ ...block, decide: () => ({ kind: 'show', view: { wordz: 'Hello' } }) });
    // @ts-expect-error not a string
    defineBlock({ ...block, decide: () => ({ kind: 'show', view: { words: 1 } }) });
    const right = defineBlock({
      ...block,
      decide: () => ({ kind: 'show', view: { words: 'Hello' } }),
    });
    expectTypeOf(right.name).toEqualTypeOf<'greeting'>();
    expect(right.name).toBe('greeting');
  });
});

describe('what a React body is given', () => {
  type Flight = TemplateProps<typeof flightBooking>['view'];
  type Statement = TemplateProps<typeof statusStatementReact>['view'];

  it('is the data of its own schema', () => {
    expectTypeOf<Flight['data']['fare']['total']>().toEqualTypeOf<number>();
    expectTypeOf<Flight['data']['segments'][number]['cabin']>().toEqualTypeOf<
      'economy' | 'premium-economy' | 'business' | 'first'
    >();
    // @ts-expect-error bookingRef
    expectTypeOf<Flight['data']['bookingRef']>().toBeAny();
  });

  it('are the views of the blocks it places, any of which may be hidden, and of no other', () => {
    expectTypeOf<keyof Flight['blocks']>().toEqualTypeOf<
      'pointsBanner' | 'entitlements' | 'status' | 'offers'
    >();
    expectTypeOf<Flight['blocks']['status']>().extract<undefined>().toEqualTypeOf<undefined>();
    type Status = NonNullable<Flight['blocks']['status']>;
    expectTypeOf<Status['activePoints']>().toEqualTypeOf<number | null>();
    expectTypeOf<Status['memberSince']>().toEqualTypeOf<Date>();
    // @ts-expect-error activePointz
    expectTypeOf<Status['activePointz']>().toBeAny();
    // @ts-expect-error it places no savings
    expectTypeOf<Flight['blocks']['savings']>().toBeAny();
    expectTypeOf<NonNullable<Statement['blocks']['savings']>['total']>().toEqualTypeOf<Money>();
  });

  it('of a union only what was asked for', () => {
    type Banner = NonNullable<Flight['blocks']['pointsBanner']>;
    const worth = (banner: Banner) => (banner.beingAdded ? null : banner.worth);
    expectTypeOf<ReturnType<typeof worth>>().toEqualTypeOf<Money | null>();
    // @ts-expect-error there is none while points are being added
    const unasked = (banner: Banner) => banner.worth;
    expectTypeOf(unasked).toBeFunction();
  });
});
