import type {
  IndeterminateCode,
  PermanentCode,
  RefusalCode,
  TemporaryCode,
} from './error-codes.ts';

/** Trying again cannot help: bad template, bad data, refused address. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
  /** A stable word for logs, metrics and the stored decision, e.g. `bad-data`. */
  readonly code: PermanentCode | RefusalCode;

  constructor(code: PermanentCode | RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The mail server refuses a recipient for good. */
export class RecipientRefused extends PermanentError {
  /** It said that nobody is at this address. Else it may as well refuse everybody: a blocked sender looks the same. */
  readonly sure: boolean;

  constructor(message: string, { sure }: { readonly sure: boolean }) {
    super('recipient-refused', message);
    this.sure = sure;
  }
}

/** One thing wrong with an input: where (`to.email`, `items[2].price`) and what to do about it. */
export type Problem = { readonly path: string; readonly message: string };

/** The caller's input is wrong. HTTP answers 400 (or `status`), the CLI exits with 1; nothing was stored. */
export class InvalidInput extends PermanentError {
  override readonly name = 'InvalidInput';
  readonly problems: readonly Problem[];
  readonly status: 400 | 413 | 422;

  constructor(problems: readonly Problem[], status: 400 | 413 | 422 = 400) {
    super('invalid-input', problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
    this.problems = problems;
    this.status = status;
  }
}

/** The same idempotency key was used before with another body. HTTP answers 409. */
export class IdempotencyConflict extends PermanentError {
  override readonly name = 'IdempotencyConflict';
  readonly idempotencyKey: string;

  constructor(idempotencyKey: string) {
    super(
      'idempotency-conflict',
      `idempotency key "${idempotencyKey}" was already used with a different message; use a new key or send the same body`,
    );
    this.idempotencyKey = idempotencyKey;
  }
}

/** May heal by itself: a refused connection, a 4xx SMTP reply, a slow source. The message is tried again. */
export class TemporaryError extends Error {
  override readonly name = 'TemporaryError';
  readonly code: TemporaryCode;

  constructor(code: TemporaryCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The mail was handed over in full, and the connection was lost before the answer came: nobody knows whether it was taken
 * (RFC 1047). The template's `onUnknown` says whether it is sent again under the same Message-ID or put aside.
 */
export class IndeterminateError extends Error {
  override readonly name = 'IndeterminateError';
  readonly code: IndeterminateCode;

  constructor(code: IndeterminateCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
