import { z } from 'zod';

import type { Unread } from '../../../ingest/receive.ts';
import type { LedgerEventInput } from '../../../ledger/events.ts';
import type { Reading } from '../adapter.ts';
import type { Shop } from './options.ts';
import { EmailConsent, type MarketingConsent, Numeric } from './payloads.ts';

const granted: ReadonlyMap<string, boolean> = new Map([
  ['subscribed', true],
  ['unsubscribed', false],
  ['not_subscribed', false],
  ['redacted', false],
  ['invalid', false],
]);
/** Was asked to confirm, and hasn't answered yet. */
const unanswered = 'pending';

export const isUnderstood = ({ state }: MarketingConsent) =>
  granted.has(state.toLowerCase()) || state.toLowerCase() === unanswered;

/**
 * A customer who was never asked is `not_subscribed` without a date: that is no refusal. What else is said without a date
 * counts until something dated is known.
 * @param heardAt tells undated statements apart
 */
export function consentEvents(
  customerId: string,
  { state, consent_updated_at: since }: MarketingConsent,
  heardAt: string,
  shop: Shop,
): LedgerEventInput[] {
  const given = granted.get(state.toLowerCase());
  if (given === undefined || (state.toLowerCase() === 'not_subscribed' && !since)) return [];
  const id = `customer-${customerId}-marketing`;
  return [
    {
      source: shop.source,
      memberId: `${shop.customerPrefix}${customerId}`,
      type: 'consent.changed',
      id: since ? `${id}-${since}` : `${id}-${state.toLowerCase()}-${heardAt}`,
      ...(since && { at: since }),
      purpose: 'marketing',
      granted: given,
      givenAt: 'shop',
    },
  ];
}

/** Consent by mail, from API version 2025-01 on. @param heardAt when it came */
export function emailConsent(payload: unknown, heardAt: string, shop: Shop): Reading {
  const parsed = EmailConsent.safeParse(payload);
  if (!parsed.success || !isUnderstood(parsed.data.email_marketing_consent))
    return { kind: 'events', events: [], unread: unreadConsent(payload, shop) };
  const { customer_id: id, email_marketing_consent: consent } = parsed.data;
  const events = consentEvents(id, consent, heardAt, shop);
  return events.length > 0
    ? { kind: 'events', events }
    : { kind: 'ignored', why: 'never-answered' };
}

const Somebody = z.object({
  id: Numeric.optional(),
  customer_id: Numeric.optional(),
  customer: z.object({ id: Numeric.optional() }).optional(),
});

/** What speaks of consent and can't be read, under the customer it names. */
export function unreadConsent(payload: unknown, shop: Shop): Unread {
  const named = Somebody.safeParse(payload).data;
  const number = named?.customer_id ?? named?.customer?.id ?? named?.id;
  return {
    source: shop.source,
    type: 'consent.changed',
    memberId: number && `${shop.customerPrefix}${number}`,
    payload,
    problems: [{ path: 'body', message: 'speaks of consent, and is not understood' }],
  };
}
