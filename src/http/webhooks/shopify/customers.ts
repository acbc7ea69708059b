import type { LedgerEventInput } from '../../../ledger/events.ts';
import { consentEvents } from './consent.ts';
import type { Shop } from './options.ts';
import { type Customer, idOf, type Merge } from './payloads.ts';

/**
 * A customer becomes a member, known by her number in the shop, which brings what she ordered before. Enrolling says nothing
 * that can change; all else is told with the time of the change, so that the newest counts in whichever order they arrive.
 */
export function customerEvents(customer: Customer, shop: Shop): LedgerEventInput[] {
  const { brand, source } = shop;
  const number = `${shop.customerPrefix}${idOf(customer)}`;
  const about = { source, memberId: number };
  const id = `customer-${idOf(customer)}`;
  const { updated_at: at, email, email_marketing_consent: consent } = customer;
  return [
    {
      ...about,
      type: 'member.enrolled',
      id: `${id}-enrolled`,
      at: customer.created_at,
      brand,
      membershipNumber: idOf(customer),
      identities: [{ kind: 'customer-number', value: number }],
    },
    {
      ...about,
      type: 'member.updated',
      id: `${id}-${at}`,
      at,
      firstName: customer.first_name || null,
      lastName: customer.last_name || null,
      // An address nobody confirmed might be somebody else's, and lead to her orders.
      ...(customer.verified_email && { email: email || null }),
    },
    ...(consent ? consentEvents(idOf(customer), consent, at, shop) : []),
  ];
}

/**
 * Two customers the shop has merged are one person here too; `members.unmerged` parts them again. Merges that failed or are
 * still at work tell nothing. @param at when it was delivered first: the payload has no time
 */
export function mergeEvents(merge: Merge, at: string, shop: Shop): LedgerEventInput[] {
  if (merge.status.toLowerCase() !== 'completed') return [];
  const kept = merge.admin_graphql_api_customer_kept_id;
  const deleted = merge.admin_graphql_api_customer_deleted_id;
  return [
    {
      source: shop.source,
      type: 'members.merged',
      id: `customer-${deleted}-merged-into-${kept}`,
      at,
      memberId: `${shop.customerPrefix}${kept}`,
      otherMemberId: `${shop.customerPrefix}${deleted}`,
      reason: 'merged in the shop',
    },
  ];
}
