import * as fc from 'fast-check';

import type { LedgerEventInput } from '../src/ledger/events.ts';
import { instant } from './random-events.ts';

/**
 * Merges, disputes and identities among these members, and facts told under cards that belong to one of them, to another
 * later, or to nobody. Many of its events are refused, as in life. In order of time.
 */
export const randomLinks = (
  memberIds: readonly string[],
  length: { readonly minLength?: number; readonly maxLength: number },
): fc.Arbitrary<LedgerEventInput[]> => {
  const one = fc.constantFrom(...memberIds);
  const cards = memberIds.map((id) => ({ kind: 'card' as const, value: `CARD-${id}` }));
  const card = fc.constantFrom(...cards);
  const reason = 'random';
  type Body = LedgerEventInput extends infer Event
    ? Event extends LedgerEventInput
      ? Omit<Event, 'source' | 'id' | 'at'>
      : never
    : never;
  const pair = fc.tuple(one, one, card, fc.integer({ min: 1, max: 300 }));
  const body = fc.oneof(
    {
      weight: 3,
      arbitrary: pair.map(([memberId, otherMemberId]): Body => ({
        type: 'members.merged',
        memberId,
        otherMemberId,
        reason,
      })),
    },
    {
      weight: 2,
      arbitrary: pair.map(([memberId, otherMemberId]): Body => ({
        type: 'members.unmerged',
        memberId,
        otherMemberId,
        reason,
      })),
    },
    pair.map(([memberId, otherMemberId]): Body => ({
      type: 'link.disputed',
      memberId,
      otherMemberId,
      reason,
    })),
    pair.map(([memberId, , identity]): Body => ({
      type: 'link.disputed',
      memberId,
      identity,
      reason,
    })),
    pair.map(([memberId, otherMemberId]): Body => ({
      type: 'link.confirmed',
      memberId,
      otherMemberId,
      reason,
    })),
    {
      weight: 2,
      arbitrary: pair.map(([memberId, , identity]): Body => ({
        type: 'identity.linked',
        memberId,
        identity,
      })),
    },
    pair.map(([memberId, , identity]): Body => ({ type: 'identity.unlinked', memberId, identity })),
    {
      weight: 4,
      arbitrary: pair.map(([, , identity, points]): Body => ({
        type: 'points.earned',
        identity,
        brand: 'juniper',
        points,
      })),
    },
    pair.map(([, , identity, total]): Body => ({
      type: 'order.placed',
      identity,
      brand: 'juniper',
      orderId: '',
      channel: 'store',
      currency: 'EUR',
      total,
      lines: [{ productId: 'oat-latte', unitPrice: total, fullPrice: true }],
    })),
  );
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 700 }), body), { ...length, size: 'max' })
    .map((drawn) =>
      drawn
        .toSorted(([day], [other]) => day - other)
        .map(([day, fields], n): LedgerEventInput => {
          const id = `${memberIds[0]}-link-${n}`;
          const base = { source: 'test', id, at: instant(day) };
          return fields.type === 'order.placed'
            ? { ...base, ...fields, orderId: id }
            : { ...base, ...fields };
        }),
    );
};
