import type { IndeterminateCode, PermanentCode, TemporaryCode } from '../core/error-codes.ts';
import {
  IndeterminateError,
  PermanentError,
  RecipientRefused,
  TemporaryError,
} from '../core/errors.ts';

/** What a failed attempt means for its message. */
type Means =
  /** Nothing failed, something changed: decided anew at once, and it costs no try. */
  | 'again-soon'
  /** An outage: tried again, at growing intervals, and it costs no try however long it lasts. */
  | 'again'
  /** It costs a try; after the last one the message has failed. */
  | 'retry'
  /** The other side doesn't want it. */
  | 'failed'
  /** Not made, and put aside: a person may put it right and requeue it. */
  | 'quarantined'
  /** It may have been sent: its template says whether it is tried again, which costs a try, or put aside. */
  | 'unknown'
  /** Laurel's own mistake: it costs a try, and after the last one the message is put aside. */
  | 'mistake';

export type Failure = {
  readonly means: Means;
  /**
   * Whose doing it is. What is `everybody`'s would have happened to any message; what is the template's or transport's may as
   * well have been this message's own: only many such failures pause them.
   */
  readonly fault: 'message' | 'template' | 'transport' | 'everybody' | 'nobody';
  /** It happens to everybody once (greylisting): it says something only where it goes on until the last try. */
  readonly onlyAtLast?: true;
  /** For people, without a full stop. */
  readonly words: string;
};

/** `smtp-451`, `smtp-554`: a server has hundreds. */
type Exact<Code> = Code extends `smtp-${number}` ? never : Code;
type Key =
  | Exact<TemporaryCode>
  | Exact<PermanentCode>
  | IndeterminateCode
  | 'interrupted'
  | 'internal-error'
  | 'recipient-perhaps-refused'
  | 'smtp-421'
  | 'smtp-552'
  | 'smtp-4xx'
  | 'smtp-5xx';

const again = { means: 'again', fault: 'everybody' } as const;
const soon = { means: 'again-soon', fault: 'nobody' } as const;
const retry = { means: 'retry', fault: 'nobody' } as const;
const badMail = { means: 'quarantined', fault: 'template' } as const;
const badMessage = { means: 'quarantined', fault: 'message' } as const;
const badWire = { means: 'quarantined', fault: 'transport' } as const;
const unknown = { means: 'unknown', fault: 'transport' } as const;

/** Every failure of an attempt, and all that is made of it: endings, retries, pauses, alerts, sentences, logs. */
const failures: Readonly<Record<Key, Failure>> = {
  aborted: { ...soon, words: 'Laurel stopped before it was handed over' },
  'changed-meanwhile': {
    ...soon,
    words: 'something was cancelled or suppressed while it was made',
  },
  closed: { ...soon, words: 'Laurel was about to stop' },
  'lease-lost': { ...soon, words: 'its worker was stalled for too long' },
  // Postgres didn't answer: nothing is known against the message.
  interrupted: { ...soon, words: 'Laurel was interrupted while it made the mail' },

  'outbox-unwritable': { ...again, words: 'the outbox folder can’t be written to' },
  'relay-denied': { ...again, words: 'the mail server passes nothing on for Laurel' },
  'render-threads-down': { ...again, words: 'what renders its template doesn’t start' },
  'sender-refused': { ...again, words: 'the mail server refuses the sender' },
  'smtp-421': { ...again, words: 'the mail server takes no mail now' },
  'smtp-auth': { ...again, words: 'the mail server refuses the login' },
  'smtp-tls': { ...again, words: 'there is no secure connection to the mail server' },
  'smtp-unreachable': { ...again, words: 'the mail server can’t be reached' },
  // The same, of one template.
  'version-unloadable': {
    means: 'again',
    fault: 'template',
    words: 'the version of its template can’t be loaded where it was to be made',
  },

  'ledger-busy': { ...retry, words: 'other events of the same members kept coming first' },
  'mailbox-full': {
    means: 'retry',
    fault: 'transport',
    onlyAtLast: true,
    words: 'the mailbox is full',
  },
  'smtp-4xx': {
    means: 'retry',
    fault: 'transport',
    onlyAtLast: true,
    words: 'the mail server wants it later',
  },
  'smtp-lost': {
    means: 'retry',
    fault: 'transport',
    words: 'the connection to the mail server broke',
  },
  'smtp-silent': { means: 'retry', fault: 'transport', words: 'the mail server stopped answering' },
  'template-changed': { ...retry, words: 'its template was edited meanwhile' },
  'template-not-ready': { ...retry, words: 'its template is still getting ready' },

  'recipient-refused': {
    means: 'failed',
    fault: 'message',
    words: 'the other side refuses this address for good',
  },
  // Without a word about the address: a blocked sender is refused in the same way.
  'recipient-perhaps-refused': {
    means: 'failed',
    fault: 'transport',
    words: 'the other side refuses this address for good',
  },
  'smtp-552': { means: 'failed', fault: 'message', words: 'the mail server finds it too large' },
  'smtp-5xx': { means: 'failed', fault: 'transport', words: 'the mail server refuses it' },

  'bad-address': { ...badMessage, words: 'the address is not one that mail can go to' },
  'bad-catalogue': { ...badMessage, words: 'the stored offers can’t be read' },
  'bad-profile': { ...badMessage, words: 'the stored profile can’t be read' },
  'no-address': { ...badMessage, words: 'there is no address to send it to' },
  'unknown-brand': { ...badMessage, words: 'its brand no longer exists' },
  'bad-attachment': { ...badMail, words: 'what is attached to it can’t be' },
  'bad-header': { ...badMail, words: 'one of its headers can’t be sent' },
  'bad-link': { ...badMail, words: 'one of its links can’t be followed' },
  'bad-template': { ...badMail, words: 'its template can’t be used as it is written' },
  'bad-text': { ...badMail, words: 'one of its template’s texts can’t be said' },
  'bad-value': { ...badMail, words: 'its template can’t show one of its values' },
  'invalid-input': { ...badMail, words: 'its data no longer fits the template' },
  'missing-text': { ...badMail, words: 'its template lacks a text' },
  'render-failed': { ...badMail, words: 'its template failed for this data' },
  'bad-markup': {
    ...badMail,
    words: 'its template made markup of this data that no mail may have',
  },
  'render-out-of-memory': {
    ...badMail,
    words: 'its template took too much memory over this data and was ended',
  },
  'render-thread-lost': { ...badMail, words: 'its template ended what rendered it, twice' },
  'render-timeout': {
    ...badMail,
    words: 'its template took too long over this data and was ended',
  },
  'template-waits': { ...badMail, words: 'a component of its template waits for something' },
  'too-large': { ...badMail, words: 'it is larger than a mail may be' },
  'unknown-block': { ...badMail, words: 'its template places a block that doesn’t exist' },
  'unknown-template': { ...badMail, words: 'its template no longer exists' },
  'bad-envelope': { ...badWire, words: 'its sender or recipient is not one plain mail address' },
  'bad-mime': { ...badWire, words: 'its bytes can’t go over SMTP' },

  'answer-lost': { ...unknown, words: 'the connection broke before the mail server’s answer' },
  'unexpected-reply': { ...unknown, words: 'the mail server answered neither yes nor no' },
  unexpected: { ...unknown, words: 'something failed inside Laurel while it was handed over' },

  // Its template's where the mail was being made.
  'internal-error': {
    means: 'mistake',
    fault: 'template',
    words: 'Laurel itself failed over it, time and again',
  },
};

const isKey = (code: string): code is Key => Object.hasOwn(failures, code);

/** `smtp-451` is one of a family: what the server says of every mail at the start may be a 5xx, and passes, too. */
function keyOf(code: string, temporary: boolean): Key | undefined {
  if (isKey(code)) return code;
  if (!/^smtp-\d{3}$/.test(code)) return undefined;
  return temporary ? 'smtp-4xx' : 'smtp-5xx';
}

/** @param isOutage whether an error nobody foresaw is about the way to Postgres */
export function classifyFailure(error: unknown, isOutage: (error: unknown) => boolean): Failure {
  if (!isForeseen(error)) return failures[isOutage(error) ? 'interrupted' : 'internal-error'];
  if (error instanceof RecipientRefused && !error.sure)
    return failures['recipient-perhaps-refused'];
  const key = keyOf(error.code, error instanceof TemporaryError);
  // A command's refusal that got here: it says what is wrong, and nothing of anybody else's mail.
  return key ? failures[key] : { ...badMessage, words: error.message };
}

/** Thrown by somebody who says what it means. */
export const isForeseen = (
  error: unknown,
): error is TemporaryError | PermanentError | IndeterminateError =>
  error instanceof TemporaryError ||
  error instanceof PermanentError ||
  error instanceof IndeterminateError;

/** A failed hand-over, as what it says about the mail: where nobody foresaw it, nobody knows whether the mail left. */
export const handOverFailure = (error: unknown): unknown =>
  isForeseen(error) ? error : new IndeterminateError('unexpected', faultText(error));

/** What kind of fault it was; its own words may quote a person's data. */
export function faultText(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  return `something failed inside Laurel (${name}${code}); its log says more`;
}

/** A stored reason in words; undefined where no failure is called so. */
export function failureInWords(reason: string): string | undefined {
  const key = keyOf(reason, reason.startsWith('smtp-4'));
  return key && failures[key].words;
}

/** How loud an attempt's end is logged: what nobody will try again is for the operator. */
export const logLevelOf = (state: string): 'error' | 'debug' =>
  state === 'failed' || state === 'quarantined' ? 'error' : 'debug';
