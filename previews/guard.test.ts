import { describe, expect, it } from 'vitest';

import { openGuard } from './guard.ts';

const asked = { host: 'localhost:4100', origin: undefined, site: undefined, token: undefined };

describe('on a loopback address', () => {
  const { token, refusal } = openGuard('127.0.0.1');

  it('needs no token', () => {
    expect(token).toBeNull();
    expect(refusal(asked)).toBeUndefined();
    expect(refusal({ ...asked, host: '127.0.0.1:4100' })).toBeUndefined();
    expect(refusal({ ...asked, host: '[::1]:4100' })).toBeUndefined();
  });

  it.each(['evil.example', 'localhost.evil.example:4100', '192.0.2.7:4100', undefined])(
    'refuses the host %s, which only a rebound name would have',
    (host) => expect(refusal({ ...asked, host })?.status).toBe(403),
  );

  it('refuses other pages', () => {
    expect(refusal({ ...asked, origin: 'https://evil.example' })?.status).toBe(403);
    expect(refusal({ ...asked, origin: 'http://localhost:9999' })?.status).toBe(403);
    expect(refusal({ ...asked, site: 'cross-site' })?.status).toBe(403);
    expect(refusal({ ...asked, origin: 'http://localhost:4100' })).toBeUndefined();
    expect(
      refusal({ ...asked, origin: 'https://evil.example', site: 'cross-site', opened: true })
        ?.status,
    ).toBe(403);
  });

  it('opens from a link in a ticket or a chat', () => {
    expect(refusal({ ...asked, site: 'cross-site', opened: true })).toBeUndefined();
  });
});

describe('beyond loopback', () => {
  const { token, refusal } = openGuard('192.0.2.7');
  const there = { ...asked, host: '192.0.2.7:4100' };

  it('wants the token with every request', () => {
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(refusal(there)?.status).toBe(401);
    expect(refusal({ ...there, token: 'x'.repeat(32) })?.status).toBe(401);
    expect(refusal({ ...there, token: token ?? '' })).toBeUndefined();
  });

  it('still refuses a foreign host, token or not', () => {
    expect(refusal({ ...there, host: 'evil.example', token: token ?? '' })?.status).toBe(403);
  });
});
