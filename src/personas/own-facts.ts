import type { Brand } from '../brand/brand.ts';
import type { Catalogue } from '../brand/catalogue.ts';
import { lastDayOf } from '../core/calendar.ts';
import type { PersonaStanding } from './persona-ledger.ts';
import type { Persona } from './persona.ts';
import type { OwnFacts } from './samples.ts';

type Asked = {
  readonly persona: Persona;
  readonly standing: PersonaStanding;
  readonly brand: Brand;
  readonly catalogue: Catalogue;
};

/** `person`, `member`, `bonus`, `tier`, `expiring`, `reward`, `order` and `year`, as of the day of the standing. */
export function ownFacts(asked: Asked): OwnFacts {
  const { persona, standing } = asked;
  const { reading, figures } = standing;
  return withoutEmpty({
    person: {
      name: persona.name,
      email: persona.email,
      ...(persona.address !== undefined && { address: persona.address }),
    },
    order: latestOrder(asked),
    ...(figures && { year: { figures } }),
    ...(reading.kind === 'member' && memberFacts(asked)),
  });
}

function memberFacts({ standing, brand }: Asked): Record<string, Record<string, unknown> | null> {
  const { reading } = standing;
  if (reading.kind !== 'member') return {};
  const { membershipNumber, firstName, currentTier, bonuses, expiringPoints, rewards } =
    reading.profile;
  const bonus = bonuses.toSorted((one, other) => (one.grantedAt < other.grantedAt ? 1 : -1))[0];
  const expiring = expiringPoints.find(({ points }) => points > 0);
  const reward = rewards.find(({ claimedAt }) => claimedAt === null) ?? rewards[0];
  const { expiresAt } = currentTier;
  return {
    member: { membershipNumber, firstName },
    bonus: bonus ? { id: bonus.bonusId, useBy: bonus.useBy } : null,
    tier: {
      id: currentTier.id,
      since: currentTier.effectiveAt,
      ...(expiresAt !== null && { lastDay: lastDayOf(expiresAt, brand.timeZone) }),
    },
    expiring: expiring ? { lastDay: lastDayOf(expiring.expiresAt, brand.timeZone) } : null,
    reward: reward ? { id: reward.rewardId } : null,
  };
}

/** What was bought last and not cancelled since, as an order confirmation tells it. */
function latestOrder({ persona, standing, brand, catalogue }: Asked) {
  const placed = standing.past.findLast(
    ({ event }) =>
      event.type === 'order.placed' &&
      event.memberId === persona.memberId &&
      !standing.cancelled.has(`order:${event.orderId}`),
  )?.event;
  if (placed?.type !== 'order.placed' || persona.memberId === null) return null;
  const items = placed.lines.flatMap(({ productId, quantity, unitPrice, kind }) => {
    if (kind !== undefined && kind !== 'product') return [];
    const { name: names, imageUrl } = catalogue.products.get(productId) ?? {};
    const name = names?.['en'] ?? names?.[brand.defaultLocale];
    const picture = imageUrl === undefined ? {} : { imageUrl };
    return name === undefined ? [] : [{ productId, name, quantity, unitPrice, ...picture }];
  });
  const { orderId, at, total, currency, channel, store } = placed;
  const subtotal = items.reduce((sum, one) => sum + one.quantity * one.unitPrice, 0);
  const discount = Math.max(0, subtotal - total);
  return {
    id: orderId,
    at,
    currency,
    items: items.length > 0 ? items : undefined,
    totals: { subtotal: Math.max(subtotal, total), discount, shipping: 0, tax: 0, total },
    channel: ['online', 'app', 'store'].includes(channel) ? channel : 'online',
    fulfilment: store === undefined ? { kind: 'delivery' } : { kind: 'pickup', store },
  };
}

const withoutEmpty = (groups: Readonly<Record<string, Record<string, unknown> | null>>): OwnFacts =>
  Object.fromEntries(Object.entries(groups).flatMap(([name, of]) => (of ? [[name, of]] : [])));
