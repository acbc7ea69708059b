import type { FlowKind } from '../contract/flow.ts';
import {
  IndeterminateError,
  PermanentError,
  RecipientRefused,
  TemporaryError,
} from '../core/errors.ts';
import type { Ending } from './claims.ts';
import type { Step } from './deliver.ts';
import { everybodysFault, notItsFault } from './failure.ts';

/** What an attempt says about a flow it went through. */
export type Outcome =
  | { readonly kind: 'worked' }
  /** `everybodys`: whatever the message was, it would have failed; else it may have been this message's own affair. */
  | { readonly kind: 'failed'; readonly what: string; readonly everybodys: boolean };

/** Of an attempt that failed: in which step, and what was thrown. */
export type Failure = { readonly step: Step | null; readonly error: unknown };

/** What is learnt of a flow from an attempt; null where it says nothing: it never got there, or it was about the message alone. */
export function lessonOf(
  kind: FlowKind,
  ending: Pick<Ending, 'state' | 'reason'>,
  failure: Failure | null,
): Outcome | null {
  if (ending.state === 'sent') return { kind: 'worked' };
  if (!failure) return null;
  return kind === 'template'
    ? templateLesson(ending, failure.step)
    : transportLesson(ending, failure);
}

function templateLesson(
  { state, reason }: Pick<Ending, 'state' | 'reason'>,
  step: Step | null,
): Outcome | null {
  if (reason === 'version-unloadable') return { kind: 'failed', what: reason, everybodys: false };
  if (step === 'prepare' || step === 'compose')
    return state === 'quarantined'
      ? { kind: 'failed', what: String(reason), everybodys: false }
      : null;
  return step === 'recheck' || step === 'hand-over' ? { kind: 'worked' } : null;
}

/** Too large for the mail server: about this mail, whoever sends it. */
const aboutTheMail: ReadonlySet<string> = new Set(['too-large', 'smtp-552']);

function transportLesson(
  { state }: Pick<Ending, 'state'>,
  { step, error }: Failure,
): Outcome | null {
  if (step !== 'hand-over') return null;
  if (error instanceof RecipientRefused && error.sure) return null;
  if (error instanceof PermanentError)
    return aboutTheMail.has(error.code) ? null : failed(error, false);
  if (error instanceof IndeterminateError) return failed(error, false);
  if (!(error instanceof TemporaryError) || notItsFault.has(error.code)) return null;
  if (everybodysFault.has(error.code)) return failed(error, true);
  // A 4xx may be greylisting, which everybody meets once. It counts when it never ends.
  return error.code === 'smtp-lost' || state === 'failed' ? failed(error, false) : null;
}

const failed = (
  { code, message }: { readonly code: string; readonly message: string },
  everybodys: boolean,
): Outcome => {
  // Of what the server said only its codes: alerts and logs name nobody.
  const said = /\b[45]\d\d(?: [45]\.\d{1,3}\.\d{1,3})?(?=\s|$)/.exec(message)?.[0];
  return { kind: 'failed', what: said === undefined ? code : `${code} (${said})`, everybodys };
};
