import { z } from 'zod';

import type { Delivery } from './adapter.ts';
import { isSignedBy, type Written } from './hmac.ts';

const headerName = (usual: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,80}$/, 'must be the name of a header')
    .transform((name) => name.toLowerCase())
    .default(usual);

/** How a sender of webhooks signs. */
export const SignatureScheme = z.discriminatedUnion('scheme', [
  /** standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
  z.strictObject({ scheme: z.literal('standard') }),
  /** The HMAC of the body, in a header, perhaps after a word such as `sha256=`. No time is signed. */
  z.strictObject({
    scheme: z.literal('hmac'),
    header: headerName('x-signature'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    algorithm: z.enum(['sha256', 'sha512']).default('sha256'),
    prefix: z.string().max(40).default(''),
  }),
  /** `t=1777912200,v1=5257a8…`: Stripe, and who signs like it. */
  z.strictObject({ scheme: z.literal('stripe'), header: headerName('stripe-signature') }),
  /** `X-WC-Webhook-Signature`, base64. */
  z.strictObject({ scheme: z.literal('woocommerce') }),
]);
export type SignatureScheme = z.output<typeof SignatureScheme>;

/** What a scheme comes to under the secrets of a connection. */
export type Signing = {
  readonly isAuthentic: (delivery: Delivery, now: Date) => boolean;
  /** The id of a delivery, where it is signed. */
  readonly idOf?: (delivery: Delivery) => string;
  readonly isPing?: (delivery: Delivery) => boolean;
};

/** Seconds around now in which a signed time is believed. */
const window = 300;
const isRecent = (seconds: string, now: Date): boolean =>
  /^\d{1,12}$/.test(seconds) && Math.abs(now.getTime() / 1000 - Number(seconds)) <= window;

export function signing(scheme: SignatureScheme, secrets: readonly string[]): Signing {
  switch (scheme.scheme) {
    case 'standard':
      return standard(secrets.map(standardKey));
    case 'hmac':
      return { isAuthentic: (delivery) => hmacOfBody(secrets, delivery, scheme) };
    case 'woocommerce': {
      const written = {
        header: 'x-wc-webhook-signature',
        encoding: 'base64',
        algorithm: 'sha256',
      } as const;
      return {
        isAuthentic: (delivery) => hmacOfBody(secrets, delivery, { ...written, prefix: '' }),
        // What a shop sends when the webhook is set up.
        isPing: ({ body }) => body.length < 100 && /^webhook_id=\d+$/.test(body.toString('latin1')),
      };
    }
    case 'stripe':
      return { isAuthentic: (delivery, now) => stripe(secrets, delivery, scheme.header, now) };
    default:
      return scheme satisfies never;
  }
}

function hmacOfBody(
  secrets: readonly string[],
  { headers, body }: Delivery,
  scheme: Written & { readonly header: string; readonly prefix: string },
): boolean {
  const said = text(headers[scheme.header]);
  return (
    said.startsWith(scheme.prefix) &&
    isSignedBy(secrets, [body], said.slice(scheme.prefix.length), scheme)
  );
}

function stripe(
  secrets: readonly string[],
  { headers, body }: Delivery,
  name: string,
  now: Date,
): boolean {
  const parts = text(headers[name]).split(',').slice(0, 20);
  const of = (key: string) =>
    parts.flatMap((part) => {
      const [is, ...value] = part.trim().split('=');
      return is === key ? [value.join('=')] : [];
    });
  const [time = '', ...others] = of('t');
  if (others.length > 0 || !isRecent(time, now)) return false;
  const written = { encoding: 'hex', algorithm: 'sha256' } as const;
  return of('v1').some((one) => isSignedBy(secrets, [`${time}.`, body], one, written));
}

/** A secret is `whsec_` and base64, or taken as it is. */
const standardKey = (secret: string): string | Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;

const standard = (keys: readonly (string | Buffer)[]): Signing => ({
  idOf: ({ headers }) => text(headers['webhook-id']),
  isAuthentic: ({ headers, body }, now) => {
    const id = text(headers['webhook-id']);
    const timestamp = text(headers['webhook-timestamp']);
    if (!/^[\w.:-]{1,120}$/.test(id) || !isRecent(timestamp, now)) return false;
    return text(headers['webhook-signature'])
      .split(' ')
      .slice(0, 10)
      .some((one) => {
        const [version, signature = ''] = one.split(',');
        return version === 'v1' && isSignedBy(keys, [`${id}.${timestamp}.`, body], signature);
      });
  },
});

const text = (value: string | string[] | undefined) => (typeof value === 'string' ? value : '');
