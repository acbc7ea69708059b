import { expect, it } from 'vitest';

import { parseSmtpUrl } from './smtp-url.ts';

it.each([
  ['smtp://mail.example', { host: 'mail.example', port: 25, tls: 'opportunistic' }],
  ['smtp://127.0.0.1:2525?tls=off', { host: '127.0.0.1', port: 2525, tls: 'off' }],
  ['smtps://mail.example', { host: 'mail.example', port: 465, tls: 'implicit' }],
  ['smtp://[::1]:25', { host: '::1', port: 25, tls: 'opportunistic' }],
  [
    'smtp://mail.example?name=out.brand.example',
    { host: 'mail.example', port: 25, tls: 'opportunistic', name: 'out.brand.example' },
  ],
])('reads %s', (url, server) => {
  expect(parseSmtpUrl(url)).toEqual(server);
});

it('never sends a login to another machine in the clear unless told to', () => {
  const login = { auth: { user: 'shop@brand', pass: 'p:w/d' } };
  const url = 'smtp://shop%40brand:p%3Aw%2Fd@mail.example';
  expect(parseSmtpUrl(url)).toMatchObject({ ...login, port: 587, tls: 'required' });
  expect(parseSmtpUrl(`${url}?tls=off`)).toMatchObject({ ...login, tls: 'off' });
  expect(parseSmtpUrl(url.replace('mail.example', 'localhost'))).toMatchObject({
    tls: 'opportunistic',
  });
});

it.each([
  ['mail.example', 'smtp://'],
  ['http://mail.example', 'smtp://'],
  ['smtp://', 'host'],
  ['smtp://mail.example?tls=yes', 'required, opportunistic, off'],
  ['smtp://mail.example?pool=3', '"pool"'],
  ['smtp://secret-user@mail.example', 'user and a password'],
  ['smtp://mail.example?name=a%0d%0aRSET', 'name'],
])('refuses %s, saying what it should be', (url, part) => {
  expect(() => parseSmtpUrl(url)).toThrow(part);
});

it('keeps the secret out of what it says', () => {
  for (const url of ['smtp://shop:s3cret@mail.example?tls=x', 'http://shop:s3cret@mail.example'])
    expect(() => parseSmtpUrl(url)).toThrow(/^(?!.*s3cret)/);
});
