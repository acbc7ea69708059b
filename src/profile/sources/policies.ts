import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ConstantBackoff,
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';

import { SourceFault } from './fault.ts';

/** Failures in a row after which a source is left alone, and for how long, in milliseconds. */
const [failuresInARow, restMs, longestRestMs] = [5, 1_000, 30_000];
/** Questions at once, and how many more may wait. */
const [atOnce, waiting] = [64, 512];

export type BreakerState = 'closed' | 'half-open' | 'open';

/**
 * Asks a source so that its bad day stays its own. From the inside: each try has its time, a failure that may be a
 * hiccup is tried once more, a source that keeps failing is left alone for a while, and only so many questions are open.
 */
export function openPolicies(timeoutMs: number): {
  readonly run: <Value>(
    work: (signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal,
  ) => Promise<Value>;
  readonly state: () => BreakerState;
} {
  const retries = retry(
    handleWhen((error) => error instanceof SourceFault && error.again),
    { maxAttempts: 1, backoff: new ConstantBackoff(30) },
  );
  const breaker = circuitBreaker(handleWhen(isFailure), {
    breaker: new ConsecutiveBreaker(failuresInARow),
    halfOpenAfter: new ExponentialBackoff({ initialDelay: restMs, maxDelay: longestRestMs }),
  });
  const policy = wrap(
    bulkhead(atOnce, waiting),
    breaker,
    retries,
    timeout(timeoutMs, TimeoutStrategy.Aggressive),
  );
  return {
    run: async (work, signal) => {
      try {
        return await policy.execute((context) => work(context.signal), signal);
      } catch (error) {
        throw asFault(error, timeoutMs);
      }
    },
    state: () => stateOf(breaker.state),
  };
}

/** A wrong answer is no sign that the source is down: the next person's may be right. */
const isFailure = (error: Error) =>
  error instanceof TaskCancelledError || (error instanceof SourceFault && error.state === 'down');

function asFault(error: unknown, timeoutMs: number): unknown {
  if (error instanceof TaskCancelledError)
    return new SourceFault('down', `does not answer in ${timeoutMs} ms`);
  if (error instanceof BrokenCircuitError)
    return new SourceFault('down', `is not asked: it failed ${failuresInARow} times in a row`);
  if (error instanceof BulkheadRejectedError)
    return new SourceFault('down', 'has too many questions to answer');
  return error;
}

function stateOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
