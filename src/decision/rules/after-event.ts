import { type MessageRule, pass } from './rule.ts';

const soonestMs = 500;
const latestMs = 2_000;

/**
 * Not before the ledger has what the message names (S26): held, which costs no try, and looked at again after half the time
 * it has waited already, between 0.5 and 2 s. When the wait is over it goes out, and its blocks say that the points are
 * being added.
 */
export const afterEvent: MessageRule = {
  name: 'after-event',
  version: 1,
  check: ({ awaited, now }) => {
    if (!awaited) return pass();
    const { what, applied, waitedMs, waitMs } = awaited;
    const needed = `${what} applied`;
    if (applied) return pass({ actual: `${what} is applied`, needed });
    const leftMs = waitMs - waitedMs;
    if (leftMs <= 0)
      return pass({ actual: `went out without it after ${seconds(waitMs)}`, needed });
    const pauseMs = Math.min(latestMs, Math.max(soonestMs, waitedMs / 2), leftMs);
    return {
      outcome: 'hold',
      reason: 'waiting-for-event',
      until: new Date(now.getTime() + Math.ceil(pauseMs)),
      actual: `not applied; waited ${seconds(waitedMs)} of ${seconds(waitMs)}`,
      needed,
      flip: { text: `${what} is applied.` },
    };
  },
};

const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;
