import { createHmac } from 'node:crypto';

import { expect, it } from 'vitest';

import { SignatureScheme, signing } from './signature.ts';

const secret = 'whsec_a secret of some length';
const body = Buffer.from('{"id":1}');
const now = new Date('2026-06-01T09:00:00Z');
const seconds = now.getTime() / 1000;
const sign = (encoding: 'hex' | 'base64', content: string, key = secret, algorithm = 'sha256') =>
  createHmac(algorithm, key).update(content).digest(encoding);
const stripe = (at: number, key = secret) => `v1=${sign('hex', `${at}.${body.toString()}`, key)}`;

const takes = (scheme: object, headers: Record<string, string>, sent = body) =>
  signing(SignatureScheme.parse(scheme), ['an older secret of theirs', secret]).isAuthentic(
    { headers, body: sent },
    now,
  );

const text = body.toString();
const github = { scheme: 'hmac', header: 'X-Hub-Signature-256', prefix: 'sha256=' };
const plain = { scheme: 'hmac', header: 'X-Signature', algorithm: 'sha512', encoding: 'base64' };

it.each<[string, object, string, string, string[]]>([
  [
    'HMAC in hex behind a word',
    github,
    'x-hub-signature-256',
    `sha256=${sign('hex', text)}`,
    [sign('hex', text), `sha256=${sign('base64', text)}`, `sha1=${sign('hex', text)}`],
  ],
  [
    'HMAC in large hex',
    { scheme: 'hmac' },
    'x-signature',
    sign('hex', text).toUpperCase(),
    [`${sign('hex', text)}00`, sign('hex', text).slice(2), `${sign('hex', text)}zz`],
  ],
  [
    'HMAC-SHA512 in base64',
    plain,
    'x-signature',
    sign('base64', text, secret, 'sha512'),
    [sign('base64', text), sign('hex', text, secret, 'sha512')],
  ],
  [
    'WooCommerce',
    { scheme: 'woocommerce' },
    'x-wc-webhook-signature',
    sign('base64', text),
    [sign('hex', text), `${sign('base64', text)}AAAA`, sign('base64', `${text} `)],
  ],
  [
    'Stripe',
    { scheme: 'stripe' },
    'stripe-signature',
    `t=${seconds - 299},v1=${'0'.repeat(64)},${stripe(seconds - 299)},v0=aa`,
    [
      stripe(seconds),
      `t=${seconds},${stripe(seconds - 1)}`,
      `t=${seconds - 301},${stripe(seconds - 301)}`,
      `t=${seconds + 301},${stripe(seconds + 301)}`,
      `t=${seconds - 9000},t=${seconds},${stripe(seconds - 9000)}`,
      `t=${seconds},v0=${stripe(seconds).slice(3)}`,
      `t=${seconds}`,
    ],
  ],
])('L10: takes %s, and nothing that only looks like it', (_, scheme, header, good, bad) => {
  expect(takes(scheme, { [header]: good })).toBe(true);
  expect(takes(scheme, { [header]: good }, Buffer.from('{"id":2}'))).toBe(false);
  for (const wrong of ['', ...bad])
    expect([wrong, takes(scheme, { [header]: wrong })]).toEqual([wrong, false]);
  expect(takes(scheme, {})).toBe(false);
});
