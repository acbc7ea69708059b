import { randomUUID } from 'node:crypto';

import * as fc from 'fast-check';
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { addressHash } from '../message/rows/guards.ts';
import { type LinkKind, memberLink } from './member-link.ts';

let api: HttpApi;
const now = new Date('2026-06-01T09:00:00Z');
beforeAll(async () => {
  api = await openHttpApi();
});
afterAll(() => api.close());

/** A new member of a brand, who said yes to offers. */
async function join(brand = 'kestrel', locale = 'en', tenant = 'main') {
  const id = `m-${randomUUID().slice(0, 8)}`;
  const email = `${id}@example.com`;
  const member = { source: 'shop', at: '2026-01-01T10:00:00Z', memberId: id };
  const reply = await api.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: await api.as(tenant),
    payload: [
      {
        ...member,
        id: `${id}-1`,
        type: 'member.enrolled',
        brand,
        membershipNumber: id,
        email,
        locale,
        firstName: 'Ana',
      },
      { ...member, id: `${id}-2`, type: 'consent.changed', purpose: 'marketing', granted: true },
    ],
  });
  expect(reply.statusCode).toBe(200);
  return { id, email, brand, tenant };
}
type Joined = Awaited<ReturnType<typeof join>>;

function linkOf(kind: LinkKind, { id, email, brand, tenant }: Joined, topic?: string): string {
  const url = memberLink('https://mail.example', api.secret, kind, {
    tenant,
    brand,
    address: email,
    memberId: id,
    ...(topic !== undefined && { topic }),
  });
  return new URL(url).pathname;
}

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];
const isElement = (node: Node): node is Element => 'tagName' in node;
const all = (node: Node, tag: string): Element[] => [
  ...(isElement(node) && node.tagName === tag ? [node] : []),
  ...('childNodes' in node ? node.childNodes.flatMap((one) => all(one, tag)) : []),
];
const text = (node: Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(text).join('') : '';
const attributes = (node: Element): Record<string, string> =>
  Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));

/** A page as a browser without scripts has it: what its forms would send. */
function readPage(html: string) {
  const root = parse(html);
  const forms = all(root, 'form').map((form) => {
    const fields = [
      ...all(form, 'input').flatMap((input): [string, string][] => {
        const { type, name = '', value = 'on', checked } = attributes(input);
        return type === 'hidden' || checked !== undefined ? [[name, value]] : [];
      }),
      ...all(form, 'select').map((select): [string, string] => {
        const options = all(select, 'option').map(attributes);
        const chosen = options.find(({ selected }) => selected !== undefined) ?? options[0];
        return [attributes(select)['name'] ?? '', chosen?.['value'] ?? ''];
      }),
    ];
    const buttons = all(form, 'button').map((button) => ({
      ...attributes(button),
      text: text(button),
    }));
    const { method, action } = attributes(form);
    return { method, action, fields, buttons };
  });
  const [document] = all(root, 'html');
  const { lang, dir } = attributes(document!);
  return {
    lang,
    dir,
    title: all(root, 'h1').map(text).join(''),
    says: text(root).replace(/\s+/g, ' '),
    forms,
    links: all(root, 'a').map((link) => attributes(link)['href'] ?? ''),
  };
}
type ReadForm = ReturnType<typeof readPage>['forms'][number];

async function open(url: string, language?: string) {
  const reply = await api.app.inject({
    url,
    headers: language === undefined ? {} : { 'accept-language': language },
  });
  return { reply, ...readPage(reply.payload) };
}

/** Presses a form's button, after changing what it would send. */
async function press(
  url: string,
  form: ReadForm,
  action: string,
  change: (fields: [string, string][]) => [string, string][] = (fields) => fields,
) {
  expect(form).toMatchObject({ method: 'post', action: undefined });
  expect(form.buttons.map((one) => ('value' in one ? one.value : ''))).toContain(action);
  return post(url, [...change(form.fields), ['action', action]]);
}

async function post(url: string, fields: [string, string][]) {
  const reply = await api.app.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'a browser 1.0',
    },
    payload: new URLSearchParams(fields).toString(),
  });
  return { reply, ...readPage(reply.payload) };
}

const without = (name: string, value: string) => (fields: [string, string][]) =>
  fields.filter((field) => field[0] !== name || field[1] !== value);
const withValue = (name: string, value: string) => (fields: [string, string][]) =>
  fields.filter((field) => field[0] !== name).concat([[name, value]]);

const eventsOf = async (id: string) => {
  const { rows } = await api.database.pool.query<{ document: Record<string, unknown> }>(
    `select document from laurel.events where member_id = $1 and source in ('preference-page', 'unsubscribe-link')
      order by ledger_version`,
    [id],
  );
  return rows.map(({ document }) => document);
};
const suppressions = async (email: string) => {
  const { rows } = await api.database.pool.query<{ source: string }>(
    'select source from suppressions where address_hash = $1',
    [addressHash(email)],
  );
  return rows.map(({ source }) => source);
};

describe('the preference page', () => {
  it('shows topics, frequency, language, all off and erasure; GET and HEAD change nothing', async () => {
    const ana = await join();
    const url = linkOf('preferences', ana);
    const page = await open(url);
    expect(page.reply.statusCode).toBe(200);
    expect(page.lang).toBe('en');
    expect(page.forms).toHaveLength(2);
    expect(page.forms[0]?.fields).toEqual([
      ['shown', 'offers'],
      ['topic', 'offers'],
      ['shown', 'bonuses'],
      ['topic', 'bonuses'],
      ['shown', 'year'],
      ['topic', 'year'],
      ['frequency', 'all'],
      ['locale', 'en'],
    ]);
    expect(page.says).toContain('Offers for your next journey');
    expect(page.reply.payload).not.toMatch(/https?:|<script|src=|ana@|@example/);
    expect(page.reply.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
    expect(page.reply.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    await api.app.inject({ method: 'HEAD', url });
    expect(await eventsOf(ana.id)).toEqual([]);
  });

  it('stores each change as an event with its proof, and nothing that stays as it was', async () => {
    const ana = await join();
    const url = linkOf('preferences', ana);
    const [form] = (await open(url)).forms;
    const saved = await press(url, form!, 'save', (fields) =>
      withValue(
        'frequency',
        'weekly',
      )(withValue('locale', 'de')(without('topic', 'offers')(fields))),
    );
    expect(saved.reply.statusCode).toBe(200);
    // From here on in the member's language.
    expect(saved.lang).toBe('de');
    expect(saved.says).toContain('Gespeichert.');
    expect(await eventsOf(ana.id)).toEqual([
      expect.objectContaining({
        type: 'consent.changed',
        purpose: 'topic:offers',
        granted: false,
        source: 'preference-page',
        at: now.toISOString(),
        proof: expect.stringMatching(
          /^preference page, save; link [0-9a-f]{16}; browser [0-9a-f]{16}$/,
        ),
      }),
      expect.objectContaining({ type: 'member.updated', locale: 'de', mailFrequency: 'weekly' }),
    ]);
    const again = await open(url);
    expect(again.forms[0]?.fields).toEqual([
      ['shown', 'offers'],
      ['shown', 'bonuses'],
      ['topic', 'bonuses'],
      ['shown', 'year'],
      ['topic', 'year'],
      ['frequency', 'weekly'],
      ['locale', 'de'],
    ]);
    await press(url, again.forms[0]!, 'save');
    expect(await eventsOf(ana.id)).toHaveLength(2);
    await press(url, again.forms[0]!, 'save', (fields) => [...fields, ['topic', 'offers']]);
    expect((await eventsOf(ana.id)).at(-1)).toMatchObject({
      purpose: 'topic:offers',
      granted: true,
    });
  });

  it('ends everything commercial, and begins again when the member says so', async () => {
    const ana = await join();
    const url = linkOf('preferences', ana);
    const stopped = await press(url, (await open(url)).forms[0]!, 'stop');
    expect(stopped.says).toContain('You get no offers or news from Kestrel Air.');
    expect(await suppressions(ana.email)).toEqual(['preference-page:kestrel']);
    const resume = stopped.forms.find(({ buttons }) =>
      buttons.some((one) => 'value' in one && one.value === 'resume'),
    );
    const resumed = await press(url, resume!, 'resume');
    expect(resumed.forms[0]?.fields).toContainEqual(['topic', 'offers']);
    expect(await suppressions(ana.email)).toEqual([]);
    expect(await eventsOf(ana.id)).toMatchObject([
      { purpose: 'marketing', granted: false },
      { purpose: 'marketing', granted: true, proof: expect.stringContaining('resume') },
    ]);
  });

  it('never takes a complaint off the list', async () => {
    const ana = await join();
    const url = linkOf('preferences', ana);
    await api.app.inject({
      method: 'POST',
      url: '/v1/suppressions',
      headers: await api.as(),
      payload: { address: ana.email, reason: 'complaint', scope: 'commercial' },
    });
    expect((await open(url)).says).toContain('No offers can go to this address.');
    await post(url, [['action', 'resume']]);
    expect(await suppressions(ana.email)).toHaveLength(1);
    expect(await eventsOf(ana.id)).toEqual([]);
  });

  it('records that erasure was asked for, erases nothing, and shows it to the operator', async () => {
    const ana = await join('juniper', 'fr');
    const url = linkOf('preferences', ana);
    const page = await open(url);
    const asked = await press(url, page.forms.at(-1)!, 'erase');
    expect(asked.lang).toBe('fr');
    expect(asked.says).toContain('La demande a été faite le 1 juin 2026.');
    expect(asked.forms).toHaveLength(1);
    await post(url, [['action', 'erase']]);
    const requests = await api.app.inject({
      url: '/v1/erasure-requests',
      headers: await api.as(),
    });
    expect(requests.json()).toEqual({
      requests: [
        {
          memberId: ana.id,
          brand: 'juniper',
          askedAt: now.toISOString(),
          proof: expect.stringContaining('preference page, erase; link '),
        },
      ],
    });
    const found = await api.app.inject({ url: `/v1/members/${ana.id}`, headers: await api.as() });
    expect(found.json()).toMatchObject({
      memberStatus: 'active',
      erasureAskedAt: expect.stringMatching(/^2026-06-01T09:00:00/),
    });
    await api.app.inject({
      method: 'POST',
      url: `/v1/members/${ana.id}/erase`,
      headers: await api.as(),
    });
    const after = await api.app.inject({ url: '/v1/erasure-requests', headers: await api.as() });
    expect(after.json()).toEqual({ requests: [] });
    // What is left of the link is a way out.
    expect((await open(url)).forms).toHaveLength(1);
  });

  it.each([
    ['en', 'ltr', 'Your mails'],
    ['de', 'ltr', 'Mails auswählen'],
    ['fr', 'ltr', 'Choisir ses e-mails'],
    ['ar', 'rtl', 'اختيار الرسائل'],
  ])('speaks %s to whom it is theirs, whatever the browser says', async (locale, dir, title) => {
    for (const brand of ['halden', 'marlowe']) {
      const page = await open(linkOf('preferences', await join(brand, locale)), 'pt, en;q=0.5');
      expect(page).toMatchObject({ lang: locale, dir, title });
      const unknown = await open('/p/AAAAAAAAAAAAAAAA', locale);
      expect(unknown).toMatchObject({ lang: locale, dir });
      expect(unknown.reply.statusCode).toBe(404);
    }
  });

  it.each([
    [
      [
        ['action', 'save'],
        ['shown', 'nothing-of-ours'],
      ],
    ],
    [
      [
        ['action', 'save'],
        ['topic', 'nothing-of-ours'],
      ],
    ],
    [
      [
        ['action', 'save'],
        ['frequency', 'hourly'],
      ],
    ],
    [
      [
        ['action', 'save'],
        ['locale', 'pt'],
      ],
    ],
    [[['action', 'destroy']]],
    [[]],
  ] as [string, string][][][])(
    'changes nothing for a form that isn’t its own: %j',
    async (fields) => {
      const ana = await join('kestrel', 'de');
      const page = await post(linkOf('preferences', ana), fields);
      expect(page.reply.statusCode).toBe(400);
      expect(page.says).toContain('es wurde nichts geändert');
      expect(await eventsOf(ana.id)).toEqual([]);
    },
  );
});

describe('a link of somebody else', () => {
  it('can’t be made or changed: no bit, no other purpose, no other secret', async () => {
    const ana = await join();
    const path = linkOf('preferences', ana);
    const token = path.slice(3);
    const bytes = Buffer.from(token, 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const page = await post(`/p/${changed.toString('base64url')}`, [['action', 'stop']]);
        expect(page.reply.statusCode).toBe(404);
      }),
      { numRuns: 60 },
    );
    for (const url of [
      `/p/${linkOf('unsubscribe', ana).slice(3)}`,
      `/u/${token}`,
      memberLink('https://m.example', 'another secret, also of a good length', 'preferences', {
        tenant: 'main',
        brand: 'kestrel',
        address: ana.email,
        memberId: ana.id,
      }).replace('https://m.example', ''),
    ]) {
      expect((await post(url, [['action', 'stop']])).reply.statusCode).toBe(404);
      expect((await open(url)).reply.statusCode).toBe(404);
    }
    expect(await eventsOf(ana.id)).toEqual([]);
    expect(await suppressions(ana.email)).toEqual([]);
  });

  it('reaches no member of another tenant or brand, and nobody whose address has changed since', async () => {
    const ana = await join();
    const other = await join('kestrel', 'en', 'other');
    // Signed, and of nobody: as if an id were there twice.
    for (const url of [
      linkOf('preferences', { ...ana, tenant: 'other' }),
      linkOf('preferences', { ...other, tenant: 'main' }),
      linkOf('preferences', { ...ana, brand: 'juniper' }),
      linkOf('preferences', { ...ana, email: other.email }),
    ]) {
      const page = await open(url);
      expect(page.forms.map(({ fields }) => fields)).toEqual([[['List-Unsubscribe', 'One-Click']]]);
      await post(url, [['action', 'erase']]);
    }
    expect(await eventsOf(ana.id)).toEqual([]);
    expect(await eventsOf(other.id)).toEqual([]);
    const { rows } = await api.database.pool.query(
      'select member_id from laurel.erasure_requests where member_id = any($1)',
      [[ana.id, other.id]],
    );
    expect(rows).toEqual([]);
  });
});

describe('one click about a topic', () => {
  it('ends that topic alone, once, and leads on to the rest', async () => {
    const ana = await join('kestrel', 'fr');
    const url = linkOf('unsubscribe', ana, 'offers');
    const asked = await open(url);
    expect(asked.says).toContain('Offres pour votre prochain voyage');
    for (const _ of [1, 2]) {
      const done = await post(url, [['List-Unsubscribe', 'One-Click']]);
      expect(done.reply.statusCode).toBe(200);
      expect(done.says).toContain(
        'n’écrira plus au sujet de « Offres pour votre prochain voyage »',
      );
      const page = await open(done.links[0] ?? '');
      expect(page.forms[0]?.fields).not.toContainEqual(['topic', 'offers']);
      expect(page.forms[0]?.fields).toContainEqual(['topic', 'year']);
    }
    expect(await eventsOf(ana.id)).toMatchObject(
      [
        { source: 'unsubscribe-link', purpose: 'topic:offers', granted: false, proof: /one click/ },
      ].map((one) => ({ ...one, proof: expect.stringMatching(one.proof) })),
    );
    expect(await suppressions(ana.email)).toEqual([]);
  });

  it('ends everything where its other button was pressed, and where the topic is no more', async () => {
    const ana = await join();
    await post(linkOf('unsubscribe', ana, 'offers'), [['scope', 'all']]);
    expect(await suppressions(ana.email)).toEqual(['unsubscribe-link:kestrel']);
    const ben = await join();
    await post(linkOf('unsubscribe', ben, 'a-topic-of-once'), [['List-Unsubscribe', 'One-Click']]);
    expect(await suppressions(ben.email)).toEqual(['unsubscribe-link:kestrel']);
    // Which its page can take back.
    await post(linkOf('preferences', ben), [['action', 'resume']]);
    expect(await suppressions(ben.email)).toEqual([]);
  });
});
