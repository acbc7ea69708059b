import { randomUUID } from 'node:crypto';

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { insertSent } from '../../test/message-rows.ts';
import { standardHeaders, standardSecret } from '../../test/webhooks.ts';
import { openWire } from '../../test/wire.ts';
import { readStats } from '../stats/read.ts';
import { clickUrl, readClick } from './click-link.ts';

const secret = 'a secret of at least thirty-two characters';
const browser = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
};
const target = 'https://shop.example/beans?utm_source=mail&x=1#top';
const linkOf = (messageId: string, to = target, tenant = 'main', by = secret) =>
  clickUrl('https://mail.example/', by, { tenant, messageId, target: to }) ?? '';
const pathOf = (...args: Parameters<typeof linkOf>) => new URL(linkOf(...args)).pathname;
const tokenOf = (...args: Parameters<typeof linkOf>) => pathOf(...args).slice(3);

describe('a counted link', () => {
  const id = randomUUID();

  it('is the same for the same message and target, another for any other, and says neither', () => {
    expect(linkOf(id)).toBe(linkOf(id));
    expect(linkOf(id)).toMatch(/^https:\/\/mail\.example\/c\/[\w-]+$/);
    const all = [
      linkOf(id),
      linkOf(randomUUID()),
      linkOf(id, 'https://b.example/'),
      linkOf(id, target, 'b'),
    ];
    expect(new Set(all).size).toBe(4);
    const bytes = Buffer.from(tokenOf(id), 'base64url').toString('latin1');
    expect(bytes).not.toMatch(/shop|beans|main/);
    expect(bytes).not.toContain(Buffer.from(id.replaceAll('-', ''), 'hex').toString('latin1'));
  });

  it('says what it was made of, by the newer secret or an earlier one', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.stringMatching(/^[a-z]{1,20}$/),
        fc.webUrl(),
        (messageId, tenant, url) => {
          const { href } = new URL(url);
          const token = tokenOf(messageId, href, tenant);
          const said = { messageId, tenant, target: href };
          expect(readClick(token, [secret])).toMatchObject(said);
          expect(
            readClick(token, ['the newer secret, of a good length too', secret]),
          ).toMatchObject(said);
          expect(readClick(token, ['the newer secret, of a good length too'])).toBeNull();
        },
      ),
    );
  });

  it('can’t be made or changed: no bit, no token of another purpose', () => {
    const bytes = Buffer.from(tokenOf(id), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readClick(changed.toString('base64url'), [secret])).toBeNull();
    }
    for (const wrong of ['', 'a', `${tokenOf(id)}A`, `${tokenOf(id)}=`, tokenOf(id).slice(1)])
      expect(readClick(wrong, [secret])).toBeNull();
  });

  it('is none where its address would be too long', () => {
    expect(linkOf(id, `https://shop.example/${'a'.repeat(900)}`).length).toBeLessThan(1_600);
    expect(linkOf(id, `https://shop.example/${'a'.repeat(1_200)}`)).toBe('');
  });
});

const sent = (api: HttpApi, tenant?: string) => insertSent(api.database.pool, undefined, tenant);

const rowsOf = async (api: HttpApi, id: string) => {
  const { rows } = await api.database.pool.query<Record<string, unknown>>(
    'select * from delivery_feedback where message_id = $1 order by told_at',
    [id],
  );
  return rows;
};

/** How many links were followed so far, by what became of it. */
async function counted(api: HttpApi, result: string): Promise<number> {
  const { values } = await api.metrics.registry.getSingleMetric('laurel_clicks_total')!.get();
  return values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
}

describe('following it', () => {
  let api: HttpApi;
  beforeAll(async () => {
    api = await openHttpApi({
      webhooks: { own: { adapter: 'feedback', secrets: [standardSecret] } },
    });
  });
  afterAll(() => api.close());

  const follow = (
    url: string,
    headers: Record<string, string> = browser,
    method: 'GET' | 'HEAD' = 'GET',
  ) => api.app.inject({ method, url, headers });
  /** Until one more has ended so. */
  const until = async (result: string, work: () => Promise<unknown>) => {
    const before = await counted(api, result);
    await work();
    await vi.waitFor(
      async () => expect(await counted(api, result)).toBeGreaterThan(before),
      10_000,
    );
  };
  const clicks = async () => {
    const { lines } = await readStats(api.database.pool, 'main', { by: 'template' });
    return lines.find(({ name }) => name === 'early-access')?.figures.clicked.count ?? 0;
  };

  it('leads on, is kept by nobody and says nobody where from', async () => {
    const id = await sent(api);
    await until('recorded', async () => {
      const reply = await follow(pathOf(id));
      expect(reply.statusCode).toBe(302);
      expect(reply.headers).toMatchObject({
        location: target,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
      });
      expect(reply.payload).toBe('');
    });
  });

  it('is counted once a message, and kept once a link, without where it led', async () => {
    const id = await sent(api);
    const before = await clicks();
    await until('recorded', () => follow(pathOf(id)));
    await until('duplicate', () => follow(pathOf(id)));
    await until('recorded', () => follow(pathOf(id, 'https://shop.example/other')));
    const rows = await rowsOf(api, id);
    expect(rows).toHaveLength(2);
    for (const row of rows)
      expect(row).toMatchObject({
        tenant: 'main',
        kind: 'clicked',
        source: 'click-link',
        detail: null,
      });
    expect(JSON.stringify(rows)).not.toContain('shop.example');
    expect(await clicks()).toBe(before + 1);
  });

  it('is not counted twice where the provider tells of it, too', async () => {
    const id = await sent(api);
    const before = await clicks();
    await until('recorded', () => follow(pathOf(id)));
    const payload = JSON.stringify({
      feedback: [{ id: randomUUID(), kind: 'clicked', at: '2026-06-01T09:00:00Z', messageId: id }],
    });
    const told = await api.app.inject({
      method: 'POST',
      url: '/v1/webhooks/feedback/own',
      headers: standardHeaders(randomUUID(), Date.parse('2026-06-01T09:00:00Z') / 1000, payload),
      payload,
    });
    expect(told.statusCode).toBe(200);
    expect(await rowsOf(api, id)).toHaveLength(2);
    expect(await clicks()).toBe(before + 1);
    const { timeline } = (
      await api.app.inject({ url: `/v1/messages/${id}`, headers: await api.as() })
    ).json<{ timeline: { what: string; source: string }[] }>();
    expect(timeline).toContainEqual(
      expect.objectContaining({ what: 'clicked', source: 'click-link' }),
    );
  });

  it.each<[string, Record<string, string>, ('GET' | 'HEAD')?]>([
    ['HEAD', browser, 'HEAD'],
    ['what is fetched ahead', { ...browser, 'sec-purpose': 'prefetch;prerender' }],
    ['what is fetched ahead, of old', { ...browser, purpose: 'prefetch' }],
    ['Firefox fetching ahead', { ...browser, 'x-moz': 'prefetch' }],
    [
      'a search engine',
      { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' },
    ],
    ['a preview', { 'user-agent': 'Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5' }],
    ['a messenger', { 'user-agent': 'facebookexternalhit/1.1' }],
    ['a program', { 'user-agent': 'curl/8.9.1' }],
    ['another', { 'user-agent': 'python-requests/2.32' }],
    ['who says nothing', { 'user-agent': '' }],
  ])('leads %s on and doesn’t count it', async (_who, headers, method = 'GET') => {
    const id = await sent(api);
    await until('automatic', async () => {
      const reply = await follow(pathOf(id), headers, method);
      expect([reply.statusCode, reply.headers.location]).toEqual([302, target]);
    });
    expect(await rowsOf(api, id)).toEqual([]);
  });

  it('counts for no message of another tenant, and none that isn’t there', async () => {
    const id = await sent(api, 'other');
    for (const path of [pathOf(id), pathOf(randomUUID())])
      await until('strange', async () => expect((await follow(path)).statusCode).toBe(302));
    expect(await rowsOf(api, id)).toEqual([]);
    await until('recorded', () => follow(pathOf(id, target, 'other')));
    expect(await rowsOf(api, id)).toMatchObject([{ tenant: 'other' }]);
  });

  it('leads nowhere else, whatever is asked of it', async () => {
    const id = await sent(api);
    const forged = tokenOf(
      id,
      'https://evil.example/',
      'main',
      'another secret, also of a good length',
    );
    for (const token of [
      'AAAAAAAAAAAAAAAA',
      forged,
      encodeURIComponent('https://evil.example/'),
      tokenOf(id).slice(0, -2),
    ]) {
      const reply = await follow(`/c/${token}`);
      expect([token, reply.statusCode, reply.headers.location]).toEqual([token, 404, undefined]);
      expect(reply.headers['content-type']).toContain('text/html');
    }
    const reply = await follow(
      `${pathOf(id)}?target=https://evil.example&url=https://evil.example`,
    );
    expect(reply.headers.location).toBe(target);
  });

  it('leaves no trace of the link or its target in the log', async () => {
    const id = await sent(api);
    await until('recorded', () => follow(pathOf(id, 'https://shop.example/private-corner')));
    const log = api.lines.join('');
    expect(log).not.toContain(tokenOf(id, 'https://shop.example/private-corner'));
    expect(log).not.toContain('private-corner');
  });

  it('leads an erased member on, and keeps nothing of whom', async () => {
    const headers = await api.as();
    const memberId = `m-${randomUUID()}`;
    const email = `${memberId}@example.com`;
    await api.app.inject({
      method: 'POST',
      url: '/v1/events',
      headers,
      payload: {
        source: 'crm',
        id: randomUUID(),
        at: '2026-01-01T09:00:00Z',
        memberId,
        type: 'member.enrolled',
        brand: 'juniper',
        membershipNumber: memberId,
        email,
      },
    });
    const id = await sent(api);
    await api.database.pool.query(
      'update messages set member_id = $2, sent_to = $3, email = $3 where id = $1',
      [id, memberId, email],
    );
    await until('recorded', () => follow(pathOf(id)));
    const erased = await api.app.inject({
      method: 'POST',
      url: `/v1/members/${memberId}/erase`,
      headers,
    });
    expect(erased.statusCode).toBe(204);
    await until('recorded', async () => {
      const reply = await follow(pathOf(id, 'https://shop.example/later'));
      expect(reply.headers.location).toBe('https://shop.example/later');
    });
    expect(await rowsOf(api, id)).toMatchObject([
      { address_hash: null, detail: null },
      { address_hash: null, detail: null },
    ]);
  });

  it('writes down what is in hand before it closes', async () => {
    const own = await openHttpApi();
    const ids = await Promise.all(Array.from({ length: 30 }, () => sent(own)));
    await Promise.all(ids.map((id) => own.app.inject({ url: pathOf(id), headers: browser })));
    await own.app.close();
    const { rows } = await own.database.pool.query('select from delivery_feedback');
    expect(rows).toHaveLength(30);
    await own.close();
  });
});

it('leads on while Postgres is away, says what is lost, and counts again once it is back', async () => {
  const wire = await openWire();
  const api = await openHttpApi({ through: wire.through });
  const id = await sent(api);
  const follow = () => api.app.inject({ url: pathOf(id), headers: browser });
  wire.cut();
  expect((await follow()).headers.location).toBe(target);
  await vi.waitFor(async () => expect(await counted(api, 'lost')).toBe(1), 20_000);
  expect(api.lines.join('')).toContain('clicks could not be written down and are lost');
  wire.mend();
  expect((await follow()).headers.location).toBe(target);
  await vi.waitFor(async () => expect(await counted(api, 'recorded')).toBe(1), 20_000);
  await api.close();
  await wire.close();
});

it('beyond a client’s share leads on and counts no more, and tells who tries tokens to wait', async () => {
  const api = await openHttpApi({ change: { requestsAMinute: { perKey: 100, perAddress: 2 } } });
  const ids = await Promise.all(Array.from({ length: 25 }, () => sent(api)));
  for (const id of ids) {
    const reply = await api.app.inject({ url: pathOf(id), headers: browser });
    expect([reply.statusCode, reply.headers.location]).toEqual([302, target]);
  }
  await vi.waitFor(async () => expect(await counted(api, 'recorded')).toBe(20), 10_000);
  expect(await counted(api, 'excessive')).toBe(5);
  const tried = [];
  for (const token of ['AAAA', 'BBBB', 'CCCC', 'DDDD'])
    tried.push((await api.app.inject({ url: `/c/${token}`, headers: browser })).statusCode);
  expect(tried).toEqual([404, 404, 429, 429]);
  await api.close();
});
