import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { isRecord } from '../../core/is-record.ts';
import { mapRecord } from '../../ingest/map-record.ts';
import { parseMapping } from '../../ingest/mapping.ts';
import { parseWith } from '../bodies.ts';
import type { Delivery, WebhookAdapter, WebhookEvent } from './adapter.ts';
import { isSignedBy } from './hmac.ts';

const Options = z.strictObject({
  /** A mapping file, as for `laurel import`; paths lead into the JSON of the body. */
  mapping: z.string().min(1),
});

/** Seconds around now in which a signed time is believed. */
const window = 300;

/**
 * Anybody who signs as the Standard Webhooks specification says (standardwebhooks.com), read by a mapping file. The id of a
 * delivery is the id of its events where the mapping says none.
 */
export const generic: WebhookAdapter = {
  name: 'generic',
  open: (connection, options, readFile) => {
    const { mapping: file } = parseWith(Options, options);
    const mapping = readMapping(file, readFile);
    const keys = connection.secrets.map(keyOf);
    return {
      isAuthentic: (delivery, now) => isAuthentic(keys, delivery, now),
      read: (payload, { headers }) => {
        if (!isRecord(payload))
          return { kind: 'malformed', problems: [{ path: 'body', message: 'must be an object' }] };
        const id = text(headers['webhook-id']);
        const mapped = mapRecord(mapping, [payload], (place) =>
          place === 0 ? id : `${id}-${place + 1}`,
        );
        switch (mapped.kind) {
          case 'events':
            return { kind: 'events', events: mapped.events.map(({ event }) => named(event)) };
          case 'skipped':
            return { kind: 'ignored', why: 'not-mapped' };
          case 'wrong':
            return { kind: 'malformed', problems: mapped.problems };
          default:
            return mapped satisfies never;
        }
      },
    };
  },
};

function readMapping(file: string, readFile: (name: string) => string) {
  try {
    return parseMapping(readFile(file));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(
      error.problems.map(({ path, message }) => ({ path: `mapping ${file}: ${path}`, message })),
    );
  }
}

/** A secret is `whsec_` and base64, or taken as it is. */
const keyOf = (secret: string): string | Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;

function isAuthentic(
  keys: readonly (string | Buffer)[],
  { headers, body }: Delivery,
  now: Date,
): boolean {
  const id = text(headers['webhook-id']);
  const timestamp = text(headers['webhook-timestamp']);
  if (!/^[\w.:-]{1,120}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > window) return false;
  return text(headers['webhook-signature'])
    .split(' ')
    .slice(0, 10)
    .some((one) => {
      const [version, signature = ''] = one.split(',');
      return version === 'v1' && isSignedBy(keys, [`${id}.${timestamp}.`, body], signature);
    });
}

const text = (header: string | string[] | undefined) => (typeof header === 'string' ? header : '');
const named = (event: Readonly<Record<string, unknown>>): WebhookEvent => ({
  ...event,
  source: String(event['source']),
  id: String(event['id']),
});
