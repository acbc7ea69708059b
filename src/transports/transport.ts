import type { HandOver, OutgoingMail } from '../contract/email.ts';
import { parseAddress } from '../core/address.ts';
import { PermanentError } from '../core/errors.ts';

/** What hands mail over to the world. Every implementation passes `transport.contract.ts`. */
export type Transport = {
  /** For receipts and metrics: `smtp`, `outbox`. */
  readonly name: string;
  /**
   * Hands one mail over to exactly one recipient, after `lastLook` where the mail has one. The signal ends waiting only until the mail's bytes go out; from then on
   * the answer is awaited, because giving up would make a delivered mail look undelivered.
   * @throws PermanentError (code `recipient-refused` where the address itself is dead, else `smtp-550`, `bad-envelope`, …),
   * TemporaryError where the mail certainly was not taken, IndeterminateError where nobody knows.
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<HandOver>;
  /** Resolves when a mail could be handed over now. @throws TemporaryError saying what is in the way. */
  check(): Promise<void>;
  /** Finishes the mails in hand, then lets go of connections. */
  close(): Promise<void>;
};

/**
 * The last look before a mail leaves: one plain address each; the recipient exactly as the check gives it, the sender in
 * whatever case the brand writes it.
 * @throws PermanentError `bad-envelope`, without naming the address (the message is logged).
 */
export function assertEnvelope({ from, to }: OutgoingMail['envelope']): void {
  const recipient = parseAddress(to);
  if (recipient.kind !== 'ok' || recipient.value.address !== to)
    throw new PermanentError('bad-envelope', 'the recipient is not one checked mail address');
  const sender = parseAddress(from);
  if (sender.kind !== 'ok' || sender.value.canonical !== from.toLowerCase())
    throw new PermanentError('bad-envelope', 'the sender is not one plain mail address');
}
