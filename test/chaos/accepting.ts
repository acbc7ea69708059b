import type { Ground, States } from './ground.ts';

/** Hands a message in over HTTP. */
async function post(
  url: string | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly id: string | undefined; readonly ms: number }> {
  const startedAt = performance.now();
  const reply = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer: unknown = await reply.json();
  const id = typeof answer === 'object' && answer && 'id' in answer ? String(answer.id) : undefined;
  return { status: reply.status, id, ms: performance.now() - startedAt };
}

/**
 * Promise 9: a service takes messages while its queue is down and is killed right after the last 202. Another one sends
 * them, once the queue is back.
 */
export async function killAfterAccepting(
  ground: Ground,
  requests: readonly unknown[],
  queue: {
    /** Where the service that accepts expects its queue. */
    readonly env: Readonly<Record<string, string>>;
    readonly cut: () => Promise<void>;
    readonly restore: () => Promise<void>;
  },
): Promise<{ readonly replies: number[]; readonly slowestMs: number; readonly states: States }> {
  const first = await ground.start({ roles: 'api,worker', env: queue.env });
  await queue.cut();
  const replies: number[] = [];
  let slowestMs = 0;
  for (const request of requests) {
    const { status, ms } = await post(first.url, request);
    replies.push(status);
    slowestMs = Math.max(slowestMs, Math.round(ms));
  }
  await first.kill();
  await queue.restore();
  const second = await ground.start({ env: queue.env });
  const states = await ground.drained();
  await second.stop();
  return { replies, slowestMs, states };
}

/** Promise 10: the same request many times at once under one key, then another body under it. */
export async function repeatOneKey(
  ground: Ground,
  {
    times,
    request,
    other,
  }: { readonly times: number; readonly request: unknown; readonly other: unknown },
): Promise<{
  readonly statuses: ReadonlySet<number>;
  readonly ids: ReadonlySet<string | undefined>;
  readonly conflict: number;
  readonly states: States;
}> {
  const service = await ground.start({ roles: 'api,worker' });
  const key = { 'idempotency-key': 'order-4711' };
  const replies = await Promise.all(
    Array.from({ length: times }, () => post(service.url, request, key)),
  );
  const conflict = await post(service.url, other, key);
  const states = await ground.drained();
  await service.stop();
  return {
    statuses: new Set(replies.map(({ status }) => status)),
    ids: new Set(replies.map(({ id }) => id)),
    conflict: conflict.status,
    states,
  };
}
