import type { IncomingHttpHeaders } from 'node:http';

import type { Problem } from '../../core/errors.ts';
import type { Told } from '../../feedback/record.ts';
import type { Erasure, Unread } from '../../ingest/receive.ts';
import type { LedgerEventInput } from '../../ledger/events.ts';

/** A request as it came in: what a signature covers is its body to the byte. */
export type Delivery = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** What a delivery tells. Nothing of it is dropped without a word. */
export type Reading =
  | {
      readonly kind: 'events';
      readonly events: readonly LedgerEventInput[];
      /** Too important to be left out, and not understood: kept for somebody to look at. */
      readonly unread?: Unread | undefined;
    }
  /** Somebody asks to be forgotten. */
  | { readonly kind: 'erasure'; readonly erasure: Erasure }
  /** What became of mails; `ignored`: how many events say nothing that matters. */
  | {
      readonly kind: 'feedback';
      readonly feedback: readonly Told[];
      readonly ignored: number;
    }
  /** The sender asks whether it is to tell here; `confirm` answers it. */
  | { readonly kind: 'handshake'; readonly confirm: () => Promise<void> }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'malformed'; readonly problems: readonly Problem[] };

/** One configured connection of an adapter. */
export type Receiver = {
  /** Whether the delivery is the configured sender's, unchanged and, where a time is signed, recent. */
  readonly isAuthentic: (delivery: Delivery, now: Date) => boolean | Promise<boolean>;
  /** Whether an authentic delivery only tries the address out, in a form of its own. */
  readonly isPing?: (delivery: Delivery) => boolean;
  /** Pure. @param payload the body's JSON, of an authentic delivery @param now when it came */
  readonly read: (payload: unknown, delivery: Delivery, now: Date) => Reading;
};

/** What every connection says, whatever its adapter. */
export type Connection = {
  /** Its name in the address: `/v1/webhooks/<adapter>/<name>`. */
  readonly name: string;
  readonly tenant: string;
  /** Whose orders and members it tells of; what became of mails is told of all brands. */
  readonly brand: string;
  /** Any of them may have signed, so that a secret can be changed without a gap. None where a public key proves the sender. */
  readonly secrets: readonly string[];
};

/** Understands one kind of sender. A new one is a file and a line in the registry. */
export type WebhookAdapter = {
  /** In the address. */
  readonly name: string;
  /** It tells of mails of every brand. */
  readonly brandless?: true;
  /** A public key of its own proves it. */
  readonly secretless?: true;
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

/** An adapter file's one export. */
export const defineWebhook = (adapter: WebhookAdapter): WebhookAdapter => adapter;
