import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { insertSent } from '../../test/message-rows.ts';
import { addressHash, readGuards } from '../message/rows/guards.ts';
import { type LinkKey, memberLink, readMemberLink } from './member-link.ts';

const secret = 'a secret of at least thirty-two characters';
const ana = { tenant: 'main', brand: 'kestrel', address: 'Ana@example.com' };
const unsubscribeUrl = (url: string, by: string, key: LinkKey) =>
  memberLink(url, by, 'unsubscribe', key);
const readUnsubscribeToken = (token: string, secrets: readonly string[]) =>
  readMemberLink('unsubscribe', token, secrets);
const tokenOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

describe('an unsubscribe link', () => {
  const url = unsubscribeUrl('https://mail.example/', secret, ana);

  it('is the same for every spelling and attempt, and says whom it is about', () => {
    expect(
      unsubscribeUrl('https://mail.example', secret, { ...ana, address: 'ana@EXAMPLE.com' }),
    ).toBe(url);
    expect(url).toMatch(/^https:\/\/mail\.example\/u\/[\w-]+$/);
    expect(readUnsubscribeToken(tokenOf(url), [secret])).toEqual({
      tenant: 'main',
      brand: 'kestrel',
      addressHash: addressHash('ana@example.com'),
    });
  });

  it('leads where it led, in mails that were sent long ago', () => {
    expect(url).toBe(
      'https://mail.example/u/kCUQSKfFkFfYulbI1dq5QPvsONrUubOqqu5RSVuqB8sPE0a37pK6b69AeqyRerXFccRs2GsWOZG_JtTO',
    );
    expect(readUnsubscribeToken(tokenOf(url), [secret])?.addressHash).toBe(
      createHash('sha256').update('ana@example.com').digest('hex'),
    );
  });

  it('shows strangers neither the address, nor its hash, nor the tenant', () => {
    const bytes = Buffer.from(tokenOf(url), 'base64url');
    expect(bytes.includes(Buffer.from(addressHash(ana.address), 'hex'))).toBe(false);
    expect(bytes.toString('latin1')).not.toMatch(/ana|example|main|kestrel/i);
  });

  it('can’t be made or changed without the secret: no bit may differ', () => {
    const bytes = Buffer.from(tokenOf(url), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readUnsubscribeToken(changed.toString('base64url'), [secret])).toBeNull();
    }
    for (const wrong of [
      '',
      'a',
      tokenOf(url).slice(0, -1),
      `${tokenOf(url)}A`,
      `${tokenOf(url)}=`,
    ]) {
      expect(readUnsubscribeToken(wrong, [secret])).toBeNull();
    }
    expect(
      readUnsubscribeToken(tokenOf(url), ['another secret, also of a good length']),
    ).toBeNull();
  });

  it('outlives a change of the secret', () => {
    expect(
      readUnsubscribeToken(tokenOf(url), ['the newer secret, of a good length too', secret]),
    ).not.toBeNull();
  });
});

const link = (address: string, brand = 'kestrel') =>
  `/u/${tokenOf(unsubscribeUrl('https://mail.example', secret, { tenant: 'main', brand, address }))}`;

describe('following it', () => {
  let api: HttpApi;
  beforeAll(async () => {
    api = await openHttpApi();
  });
  afterAll(() => api.close());

  const suppression = async (address: string) => {
    const [found] = await readGuards(api.database.pool, [{ tenant: 'main', address, about: [] }]);
    return found?.suppression;
  };

  const page = async (language: string) =>
    api.app.inject({
      url: link('page@example.com', 'juniper'),
      headers: { 'accept-language': language },
    });

  it('only asks: scanners follow links too', async () => {
    const url = link('scanned@example.com');
    for (const method of ['GET', 'HEAD'] as const) {
      expect((await api.app.inject({ method, url })).statusCode).toBe(200);
    }
    expect(await suppression('scanned@example.com')).toBeNull();
  });

  it.each([
    ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    ],
    ['application/x-www-form-urlencoded', ''],
  ])('unsubscribes at once on one click as %s', async (type, payload) => {
    const address = `Click-${payload.length}@example.com`;
    const reply = await api.app.inject({
      method: 'POST',
      url: link(address),
      headers: { 'content-type': type },
      payload,
    });
    expect(reply.statusCode).toBe(200);
    expect(await suppression(address.toLowerCase())).toMatchObject({
      reason: 'unsubscribe',
      scope: 'commercial',
    });
  });

  it('says so though it can’t be counted for its mail', async () => {
    const address = 'uncounted@example.com';
    const { pool } = api.database;
    const messageId = await insertSent(pool, address);
    await pool.query(
      `create function overdue() returns trigger language plpgsql as
       $$ begin raise exception 'too late' using errcode = '57014'; end $$`,
    );
    await pool.query(
      'create trigger overdue before insert on delivery_feedback execute function overdue()',
    );
    const url = unsubscribeUrl('https://mail.example', secret, { ...ana, address, messageId });
    const reply = await api.app.inject({ method: 'POST', url: `/u/${tokenOf(url)}` });
    await pool.query('drop function overdue cascade');
    expect(reply.statusCode).toBe(200);
    expect(await suppression(address)).toMatchObject({ reason: 'unsubscribe' });
  });

  it('keeps no address, and may be clicked again', async () => {
    const url = link('twice@example.com');
    for (const _ of [1, 2]) {
      expect((await api.app.inject({ method: 'POST', url })).statusCode).toBe(200);
    }
    const { rows } = await api.database.pool.query(
      'select address, source from suppressions where address_hash = $1',
      [addressHash('twice@example.com')],
    );
    expect(rows).toEqual([{ address: null, source: 'unsubscribe-link:kestrel' }]);
  });

  it('changes nothing for a forged link', async () => {
    for (const method of ['GET', 'POST'] as const) {
      const reply = await api.app.inject({ method, url: '/u/AAAAAAAAAAAAAAAA' });
      expect(reply.statusCode).toBe(404);
      expect(reply.headers['content-type']).toContain('text/html');
    }
  });

  it('speaks the reader’s language and the brand’s voice, and loads nothing from anywhere', async () => {
    const german = await page('pt;q=0.9, de-AT;q=0.8, en;q=0.2');
    expect(german.payload).toContain('<html lang="de" dir="ltr">');
    expect(german.payload).toContain('Juniper Coffee');
    expect((await page('fr')).payload).toContain('<html lang="fr" dir="ltr">');
    expect((await page('ar-EG')).payload).toContain('<html lang="ar" dir="rtl">');
    expect((await page('pt')).payload).toContain('<html lang="en"');
    expect(german.payload).not.toMatch(/https?:|<script|src=/);
    expect(german.headers['content-security-policy']).toContain("default-src 'none'");
    expect(german.headers['cache-control']).toBe('no-store');
    expect(german.headers['referrer-policy']).toBe('no-referrer');
  });

  it('leaves no trace of the link in the log', async () => {
    const url = link('logged@example.com');
    await api.app.inject({ url });
    expect(api.lines.join('')).not.toContain(tokenOf(url));
  });
});
