import { setTimeout as sleep } from 'node:timers/promises';

import PostalMime, { type Email as ParsedMail } from 'postal-mime';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrands } from '../fixtures/persona.ts';
import type { Decision } from '../src/contract/decision.ts';
import { PermanentError } from '../src/core/errors.ts';
import { mailAgain } from '../src/decision/again.ts';
import { plan } from '../src/decision/prepare.ts';
import { type LinkKind, memberLink } from '../src/http/member-link.ts';
import { loadCatalogue } from '../src/ledger/catalogue/catalogue.ts';
import { acceptMessages } from '../src/message/accept.ts';
import { findMessage, type MessageRecord } from '../src/message/messages.ts';
import { readGuards } from '../src/message/rows/guards.ts';
import { readMessage } from '../src/message/rows/stored-message.ts';
import { readFixtures } from '../src/personas/fixtures.ts';
import { readProfiles } from '../src/profile/ledger.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { openWorld, type World } from './world.ts';

const tenant = 'main';
let world: World;
beforeAll(async () => {
  world = await openWorld('postgres');
});
afterAll(() => world.close());

type Row = { id: string; parts: string[]; bytes: number };
type Data = Record<string, unknown>;

/** Of which a decision is kept, once nothing is waiting or in hand. */
async function decided(ids: readonly string[]): Promise<Row[]> {
  for (;;) {
    const { rows } = await world.app.pool.query<Row & { state: string }>(
      `select id, state, array(select jsonb_object_keys(decision)) as parts,
              coalesce(octet_length(packed_decision), octet_length(decided)) as bytes from messages where id = any($1)`,
      [ids],
    );
    if (rows.every(({ state }) => state !== 'queued' && state !== 'sending'))
      return rows.filter(({ bytes }) => bytes !== null);
    await sleep(200);
  }
}

/** The decision made again of what is stored: the instant, whose profile, the data; and the ledger and library as they are. */
async function decideAgain(record: MessageRecord, data: Data, { basis }: Decision) {
  const { pool, brands, compiled } = world.app;
  const brand = brands.get(record.brand)?.brand;
  if (!brand || !compiled) throw new Error('no brand');
  const to = {
    ...(record.memberId !== null && { memberId: record.memberId }),
    ...(record.email !== null && { email: record.email }),
  };
  const [reading] = await readProfiles(
    pool,
    new Date(basis.profileAsOf ?? basis.at),
    (id) => brands.get(id)?.brand,
    [{ tenant, ...to }],
  );
  if (!reading || reading instanceof PermanentError) throw new Error('no reading');
  const { id, template, about, acceptedAt } = record;
  const message = { id, tenant, template, brand: brand.id, to, data, about, acceptedAt };
  const address = record.email ?? 'somebody@example.com';
  const [guards] = await readGuards(pool, [{ tenant, address, about }]);
  if (!guards) throw new Error('no guards');
  return plan(message, reading, {
    ...guards,
    now: new Date(basis.at),
    brand,
    catalogue: await loadCatalogue(pool, tenant, brand.id),
    templateFor: (locale) => compiled.compiled(template, brand.id, locale),
    address,
    unsubscribeUrl: () => 'https://mail.example/u/token',
  }).decision;
}

/** What a reader gets of the mail that is made again of what is kept. */
async function readAgain(record: MessageRecord, decision: Decision) {
  const { pool, brands, compiled, config } = world.app;
  const { id, template, sentTo } = record;
  const brand = brands.get(record.brand)?.brand;
  const message = await readMessage(pool, tenant, id);
  if (!brand || !compiled || !message || sentTo === null) throw new Error('nothing was sent');
  const linkOf = (kind: LinkKind) => (address: string, of: object) =>
    memberLink(config.publicUrl, config.secret, kind, { tenant, brand: brand.id, address, ...of });
  const mail = mailAgain(message, decision, {
    brand,
    catalogue: await loadCatalogue(pool, tenant, brand.id),
    templateFor: (locale) => compiled.compiled(template, brand.id, locale),
    address: sentTo,
    unsubscribeUrl: linkOf('unsubscribe'),
    preferencesUrl: linkOf('preferences'),
  });
  const email = mail?.finish(mail.compiled.render(mail.view)).email;
  return email && inParts(await PostalMime.parse(composeMime(email, id)));
}

const inParts = ({ html, text, subject, headers }: ParsedMail) => ({
  html,
  text,
  subject,
  lists: headers.filter(({ key }) => key.startsWith('list-')),
});

it('every decision, of every persona and template, is made again from what is stored of it, and the mail of that', async () => {
  const { templates } = world.app;
  const requests = [];
  for (const id of fixtureBrands) {
    const names = templates.map(({ name }) => name);
    const { personas, samples } = await readFixtures('fixtures', id, names);
    for (const { memberId, email } of personas)
      for (const [template, all] of samples)
        for (const { data } of all)
          requests.push({ template, brand: id, to: memberId ? { memberId } : { email }, data });
  }
  const ids: string[] = [];
  const given = new Map<string, unknown>();
  for (let from = 0; from < requests.length; from += 200) {
    const some = await acceptMessages(world.app, tenant, requests.slice(from, from + 200));
    for (const { id } of some) {
      ids.push(id);
      given.set(id, (await readMessage(world.app.pool, tenant, id))?.data);
    }
  }
  const kinds = new Map<string, number>();
  let [looked, read] = [0, 0];
  for (const { id, parts, bytes } of await decided(ids)) {
    const record = await findMessage(world.app.pool, tenant, id);
    const decision = record?.decision;
    const message = await readMessage(world.app.pool, tenant, id);
    if (!record || !decision || !message) throw new Error('no decision');
    const { data } = message;
    expect(data).toEqual(given.get(id));
    expect(parts).not.toContain('offers');
    expect(bytes).toBeLessThan(JSON.stringify(decision).length);
    expect(JSON.parse(JSON.stringify(await decideAgain(record, data, decision)))).toEqual(decision);
    // Some, of all kinds: to read a mail takes longer than to decide on it.
    const { mail } = looked++ % 8 === 0 ? await world.outcomeOf(record) : {};
    const again = mail && (await readAgain(record, decision));
    expect(again).toEqual(mail && inParts(mail));
    read += again ? 1 : 0;
    kinds.set(decision.kind, (kinds.get(decision.kind) ?? 0) + 1);
  }
  expect(ids.length).toBeGreaterThan(500);
  expect(kinds.get('send')).toBeGreaterThan(100);
  expect(kinds.get('suppress')).toBeGreaterThan(20);
  expect(read).toBeGreaterThan(30);
}, 300_000);

it('a decision that an earlier release stored whole is read as it is', async () => {
  const { pool } = world.app;
  const { record } = await world.send({
    template: 'welcome',
    brand: 'juniper',
    to: { memberId: 'ava-sterling' },
    data: { bonusId: 'advent-50' },
  });
  await pool.query(
    'update messages set decision = $2, decided = null, packed_decision = null where id = $1',
    [record.id, JSON.stringify(record.decision)],
  );
  expect((await findMessage(pool, tenant, record.id))?.decision).toEqual(record.decision);
});
