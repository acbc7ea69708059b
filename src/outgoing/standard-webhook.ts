import { createHmac } from 'node:crypto';

/** The headers that make a body a webhook of Standard Webhooks (standardwebhooks.com), signed with every secret there is. */
export function webhookHeaders(
  { id, body, now }: { readonly id: string; readonly body: string; readonly now: Date },
  secrets: readonly string[],
): Record<string, string> {
  const time = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
    return `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`;
  });
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': time,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  };
}
