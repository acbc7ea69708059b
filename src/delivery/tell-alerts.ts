import type pg from 'pg';
import type { Logger } from 'pino';

import { webhookHeaders } from '../outgoing/standard-webhook.ts';
import { type Alert, dropAlert, takeAlerts, tellLater } from './alerts.ts';

/** Where alerts are posted to: an address of the operator's own. */
export type AlertTarget = {
  readonly url: string;
  /** Signs them, as `whsec_…` or any text of 24 bytes or more; unsigned when left out. */
  readonly secret: string | undefined;
};

const timeoutMs = 10_000;
/** 2 s, 4 s, 8 s … an hour; given up after about a day. */
const waitSeconds = (tries: number) => Math.min(2 ** (tries + 1), 3_600);
const maxTries = 34;

/** Posts what is due, as Standard Webhooks says (standardwebhooks.com). What isn't taken is told later. */
export async function tellAlerts(
  pool: pg.Pool,
  target: AlertTarget | undefined,
  log: Logger,
  now: Date,
): Promise<void> {
  for (const alert of await takeAlerts(pool, 20)) {
    const problem = target && (await post(target, alert, now));
    if (problem === undefined) await dropAlert(pool, alert.id);
    else if (alert.tries + 1 >= maxTries) {
      log.error({ alert: alert.type, problem }, 'an alert could not be told; it is given up');
      await dropAlert(pool, alert.id);
    } else {
      log.warn({ alert: alert.type, problem }, 'an alert could not be told; trying again');
      await tellLater(pool, alert.id, waitSeconds(alert.tries));
    }
  }
}

/** Undefined where it was taken; else what went wrong. */
async function post({ url, secret }: AlertTarget, alert: Alert, now: Date) {
  const { id, type, at, data } = alert;
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: webhookHeaders({ id, body, now }, secret === undefined ? [] : [secret]),
      body,
    });
    await response.body?.cancel();
    return response.ok ? undefined : `answered ${response.status}`;
  } catch (error) {
    // Its words may repeat the address, which may hold a secret.
    return error instanceof Error && error.name === 'TimeoutError'
      ? 'no answer in time'
      : 'could not be reached';
  }
}
