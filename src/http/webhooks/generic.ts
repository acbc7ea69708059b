import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { isRecord } from '../../core/is-record.ts';
import { mapEvents } from '../../ingest/map-events.ts';
import { parseMapping } from '../../ingest/mapping.ts';
import { parseWith } from '../bodies.ts';
import type { Delivery, Reading, WebhookAdapter } from './adapter.ts';
import { SignatureScheme, signing } from './signature.ts';

const Options = z.strictObject({
  /** A mapping file, as for `laurel import`; paths lead into the JSON of the body. */
  mapping: z.string().min(1),
  signature: SignatureScheme.default({ scheme: 'standard' }),
});

/**
 * Anybody, read by a mapping file. The id of a delivery is the id of its events where the mapping says none and the id is signed
 * (as by standardwebhooks.com); else what they say is: whoever repeats a delivery under another id tells nothing new.
 */
export const generic: WebhookAdapter = {
  name: 'generic',
  open: ({ secrets }, options, readFile) => {
    const { mapping: file, signature } = parseWith(Options, options);
    const mapping = readMapping(file, readFile);
    const signed = signing(signature, secrets);
    return { ...signed, read: (payload, delivery) => read(payload, idsOf(signed.idOf, delivery)) };

    function read(payload: unknown, idOf: ((place: number) => string) | undefined): Reading {
      if (!isRecord(payload))
        return { kind: 'malformed', problems: [{ path: 'body', message: 'must be an object' }] };
      const mapped = mapEvents(mapping, [payload], { idOf });
      switch (mapped.kind) {
        case 'events':
          return { kind: 'events', events: mapped.events.map(({ event }) => event) };
        case 'skipped':
          return { kind: 'ignored', why: 'not-mapped' };
        case 'wrong':
          return { kind: 'malformed', problems: mapped.problems };
        default:
          return mapped satisfies never;
      }
    }
  },
};

function idsOf(idOf: ((delivery: Delivery) => string) | undefined, delivery: Delivery) {
  const id = idOf?.(delivery);
  return id === undefined
    ? undefined
    : (place: number) => (place === 0 ? id : `${id}-${place + 1}`);
}

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
