import { parseAddress } from '../core/address.ts';
import type { HandOver, OutgoingMail } from '../core/email.ts';
import { PermanentError } from '../core/errors.ts';

/** One way out of the house. Every implementation passes `transport.contract.ts`. */
export type Transport = {
  /** For receipts and metrics: `smtp`, `outbox`. */
  readonly name: string;
  /**
   * Hands one mail over to exactly one recipient. The signal ends waiting only until the mail's bytes go out; from then on
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
 * The last look before a mail leaves: sender and recipient are exactly one plain address each, in the form the check gives them.
 * @throws PermanentError `bad-envelope`, without naming the address (the message is logged).
 */
export function assertEnvelope({ from, to }: OutgoingMail['envelope']): void {
  if (!isChecked(to))
    throw new PermanentError('bad-envelope', 'the recipient is not one checked mail address');
  if (!isChecked(from))
    throw new PermanentError('bad-envelope', 'the sender is not one checked mail address');
}

function isChecked(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed.kind === 'ok' && parsed.value.address === address;
}
