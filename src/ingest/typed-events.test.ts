import { expect, it } from 'vitest';

import type { Reading } from '../http/webhooks/adapter.ts';
import { LedgerEvent } from '../ledger/events.ts';
import type { receiveEvents } from './receive.ts';

/*
 * What an adapter tells is typed: each mistake here is one for the compiler. `tsc` fails where one of them compiles.
 */
type Told = Extract<Reading, { kind: 'events' }>['events'][number];
type Received = Parameters<typeof receiveEvents>[1][number];
const base = { source: 'shop', id: '1', at: '2026-05-04T18:30:00Z', memberId: 'ana' };

const right: Received = { ...base, type: 'order.paid', orderId: '1001' } satisfies Told;
// @ts-expect-error: no such type of event
const misspelt: Told = { ...base, type: 'order.payed', orderId: '1001' };
// @ts-expect-error: a field of that type is missing
const lacking: Told = { ...base, type: 'order.paid' };
// @ts-expect-error: no such field
const foreign: Told = { ...base, type: 'order.paid', orderId: '1001', order: '1001' };
const pounds: Told = {
  ...base,
  type: 'points.earned',
  // @ts-expect-error: points are a number
  points: '40',
};

it('compiles with the right event only, as the ledger takes only that', () => {
  expect(LedgerEvent.safeParse(right).success).toBe(true);
  for (const wrong of [misspelt, lacking, foreign, pounds])
    expect(LedgerEvent.safeParse(wrong).success).toBe(false);
});
