import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { parseAddress } from '../core/address.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { checkPayload } from '../core/payload.ts';
import { problemsOf } from '../core/problems.ts';
import { checkRequest } from './accept.ts';

/** As the producer checks what its callers made themselves. */
function checkMessageRequest(value: unknown) {
  checkPayload(value);
  return checkRequest(value);
}

const order = {
  template: 'order-confirmation',
  to: { email: 'ana@mail.example', name: 'Ana López' },
  data: { orderId: '1001', items: [{ price: 1200 }] },
};

function refusal(request: unknown): InvalidInput {
  try {
    checkMessageRequest(request);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const fields = (request: unknown) => refusal(request).problems.map(({ path }: Problem) => path);

it('accepts an order with its recipient', () => {
  expect(checkMessageRequest(order)).toEqual(order);
});

it('accepts a member without an address, who is looked up when the mail is sent', () => {
  const request = { template: 'points-earned', to: { memberId: 'm-1' } };
  expect(checkMessageRequest(request)).toEqual({ ...request, data: {} });
});

it('refuses more than a mail could say, naming what', () => {
  const data = {
    items: Array.from({ length: 2_001 }, () => ({ price: 1 })),
    note: 'x'.repeat(100_001),
  };
  expect(fields({ ...order, data })).toEqual(['data.items', 'data.note']);
});

it('hands on the address in the form the envelope will say it', () => {
  const { to } = checkMessageRequest({ ...order, to: { email: 'Ana@BÜCHER.example' } });
  expect(to).toEqual({ email: 'Ana@xn--bcher-kva.example' });
});

describe('a wrong request names the field', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing at all', {}, ['template', 'to']],
    ['no object', [order], ['body']],
    ['null', null, ['body']],
    ['an unknown field', { ...order, templte: 'x', Data: {} }, ['templte', 'Data']],
    ['producer headers', { ...order, headers: { Bcc: 'eve@mail.example' } }, ['headers']],
    ['a prepared mail', { ...order, prepared: true }, ['prepared']],
    ['an envelope', { ...order, envelope: { from: 'a@b.example\r\n' } }, ['envelope']],
    ['a text from a file', { ...order, text: { path: '/etc/passwd' } }, ['text']],
    [
      'an unknown field inside',
      { ...order, to: { ...order.to, cc: 'eve@mail.example' } },
      ['to.cc'],
    ],
    ['a number for a string', { ...order, template: 7 }, ['template']],
    ['a string for an object', { ...order, data: 'x' }, ['data']],
    ['an address as the recipient', { ...order, to: 'ana@mail.example' }, ['to']],
    ['no recipient', { ...order, to: {} }, ['to']],
    ['two recipients', { ...order, to: { email: ['a@b.example', 'c@d.example'] } }, ['to.email']],
    ['a bad subject', { ...order, about: ['order:1', 'nonsense'] }, ['about[1]']],
    ['a date without its offset', { ...order, sendAt: '2026-01-01T10:00:00' }, ['sendAt']],
    ['a language nobody speaks', { ...order, locale: 'de_AT!' }, ['locale']],
    [
      'an address as a name',
      { ...order, to: { ...order.to, name: 'PayPal <security@paypal.com>' } },
      ['to.name'],
    ],
    [
      'a name that ends its header',
      { ...order, to: { ...order.to, name: 'Ana\r\nBcc: everyone' } },
      ['to.name'],
    ],
    [
      'a key over 255 characters',
      { ...order, idempotencyKey: 'k'.repeat(256) },
      ['idempotencyKey'],
    ],
    ['an empty key', { ...order, idempotencyKey: '' }, ['idempotencyKey']],
    ['NUL in the data', { ...order, data: { items: [{ name: 'a\0' }] } }, ['data.items[0].name']],
    ['a prototype', JSON.parse('{"to":{"__proto__":{"email":"a@b.example"}}}'), ['to.__proto__']],
    ['a number beyond range', { ...order, data: { total: JSON.parse('1e400') } }, ['data.total']],
    [
      'an end before its beginning',
      { ...order, sendAt: '2026-01-01T10:00:00+01:00', expiresAt: '2026-01-01T09:00:00Z' },
      ['expiresAt'],
    ],
  ])('%s', (_what, request, paths) => {
    expect(fields(request)).toEqual(paths);
    expect(refusal(request)).toMatchObject({ status: 400, code: 'invalid-input' });
  });

  it('and says what is wrong in words', () => {
    expect(refusal({ to: { email: 3 }, template: '', data: [], foo: 1 }).problems).toEqual([
      { path: 'template', message: 'must not be empty' },
      { path: 'to.email', message: 'must be a string, not a number' },
      { path: 'data', message: 'must be an object, not an array' },
      { path: 'foo', message: 'is not a known field' },
    ]);
    expect(refusal({ to: { memberId: 'm-1' } }).problems).toEqual([
      { path: 'template', message: 'is missing; must be a string' },
    ]);
  });
});

it.each([
  'a@b.example\r\nBcc: e@x.y',
  'a@b,c@d',
  'a@b.example\0',
  'user@good.com(x)evil.com',
  '\u200b@b.example',
  '"x@gmail.com x"@internal',
  'grp:a@b,c@d;',
  'a@localhost',
  'a@[127.0.0.1]',
  `${'a'.repeat(65)}@b.example`,
  `a@${'b'.repeat(64)}.example`,
  'null',
])('refuses the address %j with 400, naming the field', (email) => {
  expect(fields({ ...order, to: { email } })).toEqual(['to.email']);
  expect(refusal({ ...order, to: { email } }).status).toBe(400);
});

it('answers an address that only SMTPUTF8 could deliver with 422', () => {
  const error = refusal({ ...order, to: { email: 'josé@exämple.com' } });
  expect(error.status).toBe(422);
  expect(error.problems[0]?.path).toBe('to.email');
});

it('puts the complaints of a template’s schema below data', () => {
  const schema = z.strictObject({
    items: z.array(z.strictObject({ price: z.int().positive(), size: z.enum(['S', 'M']) })).min(1),
  });
  const { error } = schema.safeParse({
    items: [
      { price: 1, size: 'S' },
      { price: 0, size: 'XL' },
      { price: '12', size: 'M', colour: 'red' },
    ],
  });
  expect(problemsOf(error ?? { issues: [] }, ['data'])).toEqual([
    { path: 'data.items[1].price', message: 'must be more than 0' },
    { path: 'data.items[1].size', message: 'must be one of "S", "M"' },
    { path: 'data.items[2].price', message: 'must be a number' },
    { path: 'data.items[2].colour', message: 'is not a known field' },
  ]);
});

/** What was accepted; null where it was refused as input, which is the only other way out. */
function outcomeOf(request: unknown): ReturnType<typeof checkRequest> | null {
  try {
    return checkMessageRequest(request);
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

it('whatever request is accepted names exactly one address, and the envelope will say just that', () => {
  const pieces = fc.constantFrom(
    'ana',
    '@',
    'mail.example',
    '.',
    ',',
    ';',
    '<',
    '>',
    ' ',
    '\r\n',
    'é',
    '"',
    '(x)',
    'ü',
  );
  const email = fc.oneof(
    fc.emailAddress(),
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.string({ unit: 'binary' }), fc.domain())
      .map(([local, domain]) => `${local}@${domain}`),
  );
  const name = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  fc.assert(
    fc.property(email, name, (address, called) => {
      const to = { email: address, ...(called !== undefined && { name: called }) };
      const accepted = outcomeOf({ ...order, to });
      if (accepted === null) return;
      const sent = accepted.to.email ?? '';
      expect(parseAddress(address)).toMatchObject({ kind: 'ok', value: { address: sent } });
      expect(sent.split('@')).toHaveLength(2);
      expect(sent.split('@')[0]).toBe(address.split('@')[0]);
      expect(sent).not.toMatch(/[^\x21-\x7e]|[<>,;()"\\]/);
    }),
    { numRuns: 2000 },
  );
});
