import { codeOf } from '../../core/code-of.ts';
import { retry } from '../../postgres/retry.ts';

/** A statement waited for a message that was filed meanwhile: Postgres lets nobody follow it there. */
const isMoved = (error: unknown): boolean =>
  codeOf(error) === '40001' && String(error).includes('another partition');

/** A message is filed once. That often, and of several one after another: something else is wrong then. */
const mostLooks = 10;

/** Does it again where the message it waited for was filed meanwhile. */
export const lookingAgain = <T>(work: () => Promise<T>): Promise<T> =>
  retry(work, isMoved, mostLooks);
