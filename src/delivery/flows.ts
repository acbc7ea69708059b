import {
  type FlowKind,
  kindOf,
  type PauseReason,
  templateFlow,
  transportFlow,
} from '../contract/flow.ts';
import type { Message } from '../contract/message.ts';
import { type Circuit, circuit, type CircuitLimits } from './circuit-breaker.ts';
import type { Ending } from './claims.ts';
import type { FailedIn } from './deliver.ts';
import { classifyFailure, isForeseen } from './failure.ts';
import { everybody, type FlowKey, type Pause } from './pauses.ts';

/** What an attempt says about a flow it went through. */
type Outcome =
  | { readonly kind: 'worked' }
  /** `everybodys`: whatever the message was, it would have failed; else it may have been this message's own affair. */
  | { readonly kind: 'failed'; readonly what: string; readonly everybodys: boolean };

/** What is learnt of a flow from an attempt; null where it says nothing: it never got there, or it was about the message alone. */
export function outcomeFor(
  kind: FlowKind,
  { state, reason }: Pick<Ending, 'state' | 'reason'>,
  failed: FailedIn | null,
): Outcome | null {
  if (state === 'sent') return { kind: 'worked' };
  if (!failed) return null;
  const { step, error } = failed;
  const { fault, means, onlyAtLast } = classifyFailure(error, () => true);
  if (kind === 'transport') {
    const counts = step === 'hand-over' && !(onlyAtLast && state !== 'failed');
    if (!counts || (fault !== 'transport' && fault !== 'everybody')) return null;
    return { kind: 'failed', what: whatFailed(error), everybodys: fault === 'everybody' };
  }
  if (step === 'recheck' || step === 'hand-over') return { kind: 'worked' };
  const isOver = state === 'quarantined' && (step === 'prepare' || step === 'compose');
  return (isOver && fault === 'template') || (fault === 'template' && means === 'again')
    ? { kind: 'failed', what: String(reason), everybodys: false }
    : null;
}

/** Of what the server said only its codes: alerts and logs name nobody. */
function whatFailed(error: unknown): string {
  if (!isForeseen(error)) return 'unexpected';
  const said = /\b[45]\d\d(?: [45]\.\d{1,3}\.\d{1,3})?(?=\s|$)/.exec(error.message)?.[0];
  return said === undefined ? error.code : `${error.code} (${said})`;
}

/** What an attempt says about what the message went through. */
export type Lesson = {
  readonly kind: FlowKind;
  readonly message: Pick<Message, 'id' | 'tenant' | 'template'>;
  readonly outcome: Outcome;
};

export type FlowDeps = {
  readonly limits: Readonly<Record<FlowKind, CircuitLimits>>;
  readonly readPauses: () => Promise<readonly Pause[]>;
  readonly findPause: (key: FlowKey) => Promise<Pause | null>;
  /** False when it was paused already. */
  readonly pause: (key: FlowKey, why: string) => Promise<boolean>;
  /** Holds messages whose failure was the flow's; with `again` (it is known to be paused) also those it was done for before. */
  readonly excuse: (kind: FlowKind, ids: readonly string[], again: boolean) => Promise<unknown>;
  /** The probe got through: false when it isn't the one any more. */
  readonly resume: (key: FlowKey, probe: string) => Promise<boolean>;
  readonly endProbe: (key: FlowKey, probe: string, failed: boolean) => Promise<void>;
  /** Told of what happened to a flow, for the log. */
  readonly onChange: (key: FlowKey, change: 'paused' | 'resumed', why: string) => void;
  /** Milliseconds on any one clock. */
  readonly clock: () => number;
};

/** What this process knows of the flows its messages go through. */
export type Flows = {
  /** Reads anew what is paused, here or elsewhere. */
  readonly refresh: () => Promise<readonly Pause[]>;
  /** Why a message has to wait now; null where it may go, also as the one that is let through to see. */
  readonly heldFor: (message: Message) => Promise<PauseReason | null>;
  /**
   * Learns from an attempt whose ending is written. Failures of many pause the flow, and the messages that failed are held.
   */
  readonly learn: (lesson: Lesson) => Promise<void>;
  /** The message was let through, and ended before it got there. */
  readonly passedBy: (kind: FlowKind, message: Message) => Promise<void>;
};

const keyText = ({ tenant, flow }: FlowKey) => `${tenant}\n${flow}`;

function keyOf(kind: FlowKind, { tenant, template }: Lesson['message']): FlowKey {
  return kind === 'template'
    ? { tenant, flow: templateFlow(template) }
    : { tenant: everybody, flow: transportFlow };
}

/** Opens with nothing known; `refresh` is to be called every second or so. */
export function openFlows(deps: FlowDeps): Flows {
  let paused: ReadonlyMap<string, Pause> = new Map();
  const circuits = new Map<string, Circuit>();

  const circuitOf = (kind: FlowKind, key: FlowKey) => {
    const text = keyText(key);
    const known = circuits.get(text) ?? circuit(deps.limits[kind]);
    circuits.set(text, known);
    return known;
  };

  /** Asked anew where there was a pause a moment ago: it may be over, or this may be the message to be let through. */
  const pauseOf = async (key: FlowKey) => (paused.has(keyText(key)) ? deps.findPause(key) : null);

  const refresh = async () => {
    const all = await deps.readPauses();
    const now = new Map(all.map((one) => [keyText(one), one]));
    for (const text of paused.keys()) if (!now.has(text)) circuits.get(text)?.forget();
    const others = all.filter((one) => one.by === 'failures' && !paused.has(keyText(one)));
    paused = now;
    // Paused just now, here or by another worker: what failed here failed for the same cause.
    for (const one of others) {
      const failed = circuits.get(keyText(one))?.failures() ?? [];
      await deps.excuse(kindOf(one.flow), failed, false).catch((error: unknown) => {
        // As if it hadn't been seen yet: the next round does it.
        paused = new Map([...paused].filter(([text]) => text !== keyText(one)));
        throw error;
      });
    }
    return all;
  };

  const learnFailure = async (
    { kind, message }: Lesson,
    key: FlowKey,
    { what, everybodys }: Extract<Outcome, { kind: 'failed' }>,
  ) => {
    const known = circuitOf(kind, key);
    const failed = known.record(message.id, everybodys ? 'down' : 'failed', deps.clock());
    const pause = await pauseOf(key);
    if (pause) {
      if (pause.probeId === message.id) await deps.endProbe(key, message.id, true);
      await deps.excuse(kind, [message.id], true);
      return;
    }
    if (!failed) return;
    const figures = known.figures();
    const why = `${figures.failed} of the last ${figures.attempts} failed, now with ${what}`;
    if (await deps.pause(key, why)) deps.onChange(key, 'paused', why);
    await refresh();
  };

  return {
    refresh,
    heldFor: async (message) => {
      for (const kind of ['template', 'transport'] as const) {
        const pause = await pauseOf(keyOf(kind, message));
        if (pause && pause.probeId !== message.id) return `${kindOf(pause.flow)}-paused`;
      }
      return null;
    },
    learn: async (lesson) => {
      const { kind, message, outcome } = lesson;
      const key = keyOf(kind, message);
      if (outcome.kind === 'failed') return learnFailure(lesson, key, outcome);
      circuitOf(kind, key).record(message.id, 'worked', deps.clock());
      const pause = await pauseOf(key);
      if (pause?.probeId !== message.id || !(await deps.resume(key, message.id))) return;
      deps.onChange(key, 'resumed', 'a message got through');
      await refresh();
    },
    passedBy: async (kind, message) => {
      const key = keyOf(kind, message);
      const pause = await pauseOf(key);
      if (pause?.probeId === message.id) await deps.endProbe(key, message.id, false);
    },
  };
}
