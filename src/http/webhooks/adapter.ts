import type { IncomingHttpHeaders } from 'node:http';

import type { Problem } from '../../core/errors.ts';

/** A request as it came in: what a signature covers is its body to the byte. */
export type Delivery = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** An event of the ledger, not checked yet. */
export type WebhookEvent = Readonly<Record<string, unknown>> & {
  readonly source: string;
  readonly id: string;
};

/** What a delivery tells: events, nothing of interest, or something that can't be read. */
export type Reading =
  | { readonly kind: 'events'; readonly events: readonly WebhookEvent[] }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'malformed'; readonly problems: readonly Problem[] };

/** One configured connection of an adapter. */
export type Receiver = {
  /** Whether the delivery is the configured sender's, unchanged and, where a time is signed, recent. */
  readonly isAuthentic: (delivery: Delivery, now: Date) => boolean;
  /** Pure. @param payload the body's JSON, of an authentic delivery */
  readonly read: (payload: unknown, delivery: Delivery) => Reading;
};

/** What every connection says, whatever its adapter. */
export type Connection = {
  /** Its name in the address: `/v1/webhooks/<adapter>/<name>`. */
  readonly name: string;
  readonly tenant: string;
  readonly brand: string;
  /** Any of them may have signed, so that a secret can be changed without a gap. */
  readonly secrets: readonly string[];
};

/** Understands one kind of sender. A new one is a file and a line in the registry. */
export type WebhookAdapter = {
  /** In the address. */
  readonly name: string;
  /**
   * @param options the connection's fields besides the common ones
   * @param readFile reads a file named in them
   * @throws InvalidInput naming what is wrong with the options
   */
  readonly open: (
    connection: Connection,
    options: unknown,
    readFile: (name: string) => string,
  ) => Receiver;
};
