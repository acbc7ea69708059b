import type { Lane } from './message.ts';

/** Of messages, what a trace may name: ids, and nothing about a person. */
export type Traced = { readonly id: string; readonly lane: Lane; readonly template: string };

/** Where somebody's trace is: `00-<trace>-<span>-<flags>`, as W3C's Trace Context writes it. */
export type TraceParent = string;

const form = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a header says, where it says it in the form. */
export const traceParentOf = (header: unknown): TraceParent | undefined =>
  typeof header === 'string' && form.test(header) ? header : undefined;

/** Told that messages are being accepted. `end` is called when they are stored, or with what went wrong. */
export type TraceAccepting = (
  messages: readonly Traced[],
  parent: TraceParent | undefined,
) => { readonly parent: TraceParent; readonly end: (error?: unknown) => void };
