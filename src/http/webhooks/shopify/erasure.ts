import { InvalidInput } from '../../../core/errors.ts';
import type { Erasure } from '../../../ingest/receive.ts';
import { parseWith } from '../../bodies.ts';
import type { Reading } from '../adapter.ts';
import type { Shop } from './options.ts';
import {
  CustomerRedaction,
  DataRequest,
  DeletedCustomer,
  idOf,
  ShopRedaction,
} from './payloads.ts';

/** A customer the shop deleted. The body has no time of its own. */
export const deletedCustomer = (payload: unknown, at: string, shop: Shop): Reading =>
  erasure('deleted', { id: idOf(parseWith(DeletedCustomer, payload)) }, at, shop);

/** A customer the shop was asked to forget. Guests are told of by address alone, and by their orders. */
export function redactedCustomer(payload: unknown, at: string, shop: Shop): Reading {
  const {
    shop_domain,
    customer,
    orders_to_redact: orderIds,
  } = parseWith(CustomerRedaction, payload);
  ofThisShop(shop_domain, shop);
  return erasure('redacted', { ...customer, orderIds }, at, shop);
}

function erasure(
  word: 'deleted' | 'redacted',
  who: {
    readonly id?: string | null | undefined;
    readonly email?: string | null | undefined;
    readonly phone?: string | null | undefined;
    readonly orderIds?: readonly string[];
  },
  at: string,
  { customerPrefix, source }: Shop,
): Reading {
  const { id, email, phone, orderIds = [] } = who;
  const number = id ? `${customerPrefix}${id}` : undefined;
  const erasing: Erasure = {
    source,
    id: `customer-${id ?? 'guest'}-${word}`,
    at,
    memberId: number,
    identities: number ? [{ kind: 'customer-number', value: number }] : [],
    guest: {
      identities: [
        ...(email ? [{ kind: 'email' as const, value: email }] : []),
        ...(phone ? [{ kind: 'phone' as const, value: phone }] : []),
      ],
      orderIds,
    },
  };
  return { kind: 'erasure', erasure: erasing };
}

/**
 * The shop left, and asks for all of its data to be erased. Thousands of members at the word of one delivery, who may be
 * known from elsewhere by now: an operator decides.
 */
export function redactedShop(payload: unknown, shop: Shop): Reading {
  ofThisShop(parseWith(ShopRedaction, payload).shop_domain, shop);
  const message = `the shop asks to erase everything that came from it: see what \`laurel webhooks redact ${shop.source}\` would erase`;
  return {
    kind: 'events',
    events: [],
    unread: {
      source: shop.source,
      type: 'shop/redact',
      memberId: undefined,
      payload,
      problems: [{ path: 'shop_domain', message }],
    },
  };
}

/** A customer asks the shop for their data, which is handed over by a person: held until that is done, or they are erased. */
export function requestedData(payload: unknown, shop: Shop): Reading {
  const { shop_domain, customer } = parseWith(DataRequest, payload);
  ofThisShop(shop_domain, shop);
  const memberId = customer.id ? `${shop.customerPrefix}${customer.id}` : undefined;
  const message = `the customer asks for their data: hand over what \`laurel member export ${memberId ?? '<address>'}\` writes, then drop this`;
  return {
    kind: 'events',
    events: [],
    unread: {
      source: shop.source,
      type: 'customers/data_request',
      memberId,
      payload,
      problems: [{ path: 'customer', message }],
    },
  };
}

function ofThisShop(domain: string, shop: Shop): void {
  if (domain.toLowerCase() !== shop.shop)
    throw new InvalidInput([{ path: 'shop_domain', message: `must be ${shop.shop}` }]);
}
