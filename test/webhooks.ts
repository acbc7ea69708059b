import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadConnections, type OpenConnection } from '../src/http/webhooks/connections.ts';
import { adapters } from '../src/http/webhooks/index.ts';

const hmac = (key: string | Buffer, ...content: string[]) =>
  createHmac('sha256', key).update(content.join('')).digest('base64');

/** Writes a `webhooks.json`, and beside it further files, by name. @returns its path */
export function writeConnections(
  folder: string,
  connections: Record<string, object>,
  files: Record<string, object> = {},
): string {
  for (const [name, content] of Object.entries({ ...files, 'webhooks.json': { connections } }))
    writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o600 });
  return join(folder, 'webhooks.json');
}

/** Opens connections as a file would list them. @param files further files, by name */
export function webhookConnections(
  connections: Record<string, object>,
  files: Record<string, object> = {},
): ReadonlyMap<string, OpenConnection> {
  const folder = mkdtempSync(join(tmpdir(), 'laurel-webhooks-'));
  try {
    const path = writeConnections(folder, connections, files);
    return loadConnections(path, adapters, ['juniper', 'kestrel'], 'main');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const shopSecret = 'the app’s client secret';
export const shopConnection = {
  adapter: 'shopify',
  brand: 'juniper',
  secrets: ['an older client secret', shopSecret],
  shop: 'juniper.myshop.example',
  currency: 'EUR',
  stores: { '9001': 'Mitte' },
};

/** What a Shopify shop sends with a body. */
export const shopHeaders = (topic: string, body: string, deliveryId = 'd-1') => ({
  'content-type': 'application/json',
  'x-shopify-topic': topic,
  'x-shopify-shop-domain': shopConnection.shop,
  'x-shopify-webhook-id': deliveryId,
  'x-shopify-hmac-sha256': hmac(shopSecret, body),
});

/** A secret of the Standard Webhooks form. */
export const standardSecret = `whsec_${Buffer.from('twenty-four random bytes').toString('base64')}`;

/** @param at seconds since 1970 */
export const standardHeaders = (id: string, at: number, body: string, secret = standardSecret) => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${hmac(key, `${id}.${at}.`, body)}`,
  };
};
