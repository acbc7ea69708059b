import type pg from 'pg';

import { applyEvents } from '../ledger/apply.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { heldForOrders, holdEvents, releaseHeld } from '../ledger/held-events.ts';
import { accountsToErase } from '../ledger/identity/accounts-to-erase.ts';
import { orderOwners } from '../ledger/purchase/order-owners.ts';
import type { ReceiveDeps } from './receive.ts';

/** What taking in webhooks needs of the database, for one tenant. @param now nothing that is told happens after it */
export const receiving = (
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  now: () => Date,
): ReceiveDeps => ({
  applyEvents: (events) => applyEvents(pool, tenant, brandOf, events, now()),
  accountsToErase: (who) => accountsToErase(pool, tenant, who),
  orderOwners: (orderIds) => orderOwners(pool, tenant, orderIds),
  hold: (events) => holdEvents(pool, tenant, events),
  heldForOrders: (orderIds) => heldForOrders(pool, tenant, orderIds),
  release: async (events) => {
    await releaseHeld(pool, tenant, events);
  },
});
