import { setTimeout as sleep } from 'node:timers/promises';

import { receiptFor } from './ground.ts';

/** What clients were answered, all together. */
export type Answers = {
  /** Ids of messages that got a 202, and whether their address takes no mail. */
  readonly messages: Map<string, { readonly suppressed: boolean }>;
  /** Ids of events that are applied, by what was answered, with their member. */
  readonly events: Map<string, string>;
  reads: number;
  /** 503s with a Retry-After. */
  unavailable: number;
  /** Answers there shouldn't be, and requests without one. */
  readonly wrong: string[];
  /** Milliseconds, of every answer. */
  readonly took: number[];
};

export const loadMembers = 50;
export const loadMember = (n: number) => `load-${n % loadMembers}`;
/** Every tenth of them; see `isSuppressed`. */
const loadAddress = (n: number) => `guest-${n}@example.com`;
const isSuppressed = (n: number) => n % 10 === 0;
/** Addresses that are suppressed before the load begins. */
export const suppressedOf = (clients: number): string[] =>
  Array.from({ length: clients }, (_, n) => n)
    .filter(isSuppressed)
    .map(loadAddress);

/** Of each kind of request each client makes one, however slow the machine. */
const turnsAtLeast = 5;

/** Longer than the service itself gives a request. */
const patienceMs = 60_000;

/**
 * A system that hands in messages and events and reads, one after the other. A 503 it takes as it is told to: the same again,
 * under the same key, when Retry-After is over. What it began, it brings to its end.
 */
export async function runClient(
  url: string,
  nth: number,
  isOver: () => boolean,
  answers: Answers,
): Promise<void> {
  let last: string | undefined;
  for (let turn = 0; turn < turnsAtLeast || !isOver(); turn += 1) {
    const name = `${nth}-${turn}`;
    const kind = (nth + turn) % 5;
    if (kind < 2) {
      const to = { email: loadAddress(nth) };
      const body = { ...receiptFor(nth), to };
      const answer = await ask(`${url}/v1/messages`, answers, { key: `load-${name}`, body });
      if (!answer) return;
      if (answer.status !== 202) answers.wrong.push(`message ${name}: ${said(answer)}`);
      last = idOf(answer.body);
      if (last !== undefined) answers.messages.set(last, { suppressed: isSuppressed(nth) });
    } else if (kind < 4) {
      const memberId = loadMember(nth + turn);
      const body = { type: 'points.earned', source: 'load', id: name, at, memberId, points: 1 };
      const answer = await ask(`${url}/v1/events`, answers, { body });
      if (!answer) return;
      if (answer.status === 200 && /"kind":"(applied|duplicate)"/.test(answer.body))
        answers.events.set(name, memberId);
      else answers.wrong.push(`event ${name}: ${said(answer)}`);
    } else {
      const path =
        last !== undefined && turn % 2 === 0 ? `messages/${last}` : `members/${loadMember(nth)}`;
      const answer = await ask(`${url}/v1/${path}`, answers);
      if (!answer) return;
      if (answer.status !== 200) answers.wrong.push(`${path}: ${said(answer)}`);
      answers.reads += 1;
    }
  }
}

const at = '2026-11-20T12:00:00Z';

type Answer = { readonly status: number; readonly body: string };

const said = ({ status, body }: Answer) => `${status} ${body.slice(0, 200)}`;

/** @returns undefined where no answer came, which is noted */
async function ask(
  url: string,
  answers: Answers,
  { key, body }: { readonly key?: string; readonly body?: object } = {},
): Promise<Answer | undefined> {
  for (;;) {
    const startedAt = performance.now();
    try {
      const reply = await fetch(url, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        signal: AbortSignal.timeout(patienceMs),
      });
      const text = await reply.text();
      answers.took.push(performance.now() - startedAt);
      const wait = Number(reply.headers.get('retry-after') ?? Number.NaN);
      if (reply.status !== 503 || !(wait > 0)) return { status: reply.status, body: text };
      answers.unavailable += 1;
      await sleep(wait * 1_000);
    } catch (error) {
      answers.wrong.push(`no answer from ${new URL(url).pathname}: ${String(error)}`);
      return undefined;
    }
  }
}

function idOf(body: string): string | undefined {
  const answer: unknown = JSON.parse(body);
  return typeof answer === 'object' && answer && 'id' in answer ? String(answer.id) : undefined;
}
