import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrands } from '../fixtures/persona.ts';
import { acceptMessages } from '../src/message/accept.ts';
import { findMessage } from '../src/message/messages.ts';
import { cancelSubjects, suppressAddress } from '../src/message/rows/guards.ts';
import { readFixtures } from '../src/personas/fixtures.ts';
import { withoutOwnLinks } from './own-links.ts';
import type { Received, Reply } from './smtp-sink.ts';
import { openWorld, type World } from './world.ts';

/*
 * Concurrent jobs go to Postgres together. Whatever a message is and whatever becomes of it, it must be the same as when a worker
 * takes one after the other.
 */
const tenant = 'main';
const count = Number(process.env['GROUP_MESSAGES'] ?? 400);
const secret = createHash('sha256').update('groups').digest('hex');

/** The mail server, by whom the mail is to. */
const reply: Reply = ({ to, nth }) => {
  if (to.startsWith('gone')) return { refuse: 'recipient', code: 550, text: '5.1.1 no such user' };
  if (to.startsWith('later') && nth === 1)
    return { refuse: 'end', code: 451, text: '4.3.0 try again' };
  if (to.startsWith('lost') && nth === 1) return { drop: 'after-dot' };
  if (to.startsWith('cut') && nth === 1) return { drop: 'before-dot' };
  return undefined;
};

const open = (env: Record<string, string>) =>
  openWorld('postgres', {
    timeStands: true,
    sink: { reply },
    env: { LAUREL_SECRET: secret, ...env },
  });

let together: World;
let alone: World;
beforeAll(async () => {
  together = await open({});
  alone = await open({ WORKER_CONCURRENCY: '1', CAMPAIGN_CONCURRENCY: '1' });
});
afterAll(() => Promise.all([together.close(), alone.close()]));

/** Random messages, of all kinds that a worker has to tell apart. */
async function messages(world: World) {
  const names = world.app.templates.map(({ name }) => name);
  const cases: { brand: string; template: string; data: object; members: string[] }[] = [];
  for (const brand of fixtureBrands) {
    const { personas, samples } = await readFixtures('fixtures', brand, names);
    const members = personas.flatMap(({ memberId }) => memberId ?? []);
    for (const [template, all] of samples)
      for (const { data } of all) cases.push({ brand, template, data, members });
  }
  const usual = { weight: 6, arbitrary: fc.constant({}) };
  const whom = fc.oneof(
    { weight: 12, arbitrary: fc.constant('member') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('guest', 'nobody', 'suppressed', 'gone', 'later', 'lost', 'cut'),
    },
  );
  const extra = fc.oneof(
    usual,
    fc.constantFrom(
      { expiresAt: '2026-11-01T00:00:00Z' },
      { about: ['order:cancelled'] },
      { about: ['order:fine'] },
      { after: { source: 'shop', eventId: 'never', waitSeconds: 1 } },
      { after: { ledgerVersion: 1 } },
      { locale: 'de' },
    ),
  );
  const one = fc.tuple(fc.constantFrom(...cases), whom, extra, fc.nat());
  return fc
    .sample(one, { numRuns: count, seed: Number(process.env['GROUP_SEED'] ?? 7) })
    .map(([{ brand, template, data, members }, who, more, pick], at) => ({
      template,
      brand,
      data,
      to:
        who === 'member'
          ? { memberId: members[pick % members.length] }
          : who === 'nobody'
            ? { memberId: 'nobody-we-know' }
            : { email: `${who}-${at}@mail.example` },
      ...more,
    }));
}

/** What became of them, without what differs from one run to the next. */
async function outcomes(world: World, requests: readonly object[]) {
  const { pool } = world.app;
  for (const [at, request] of requests.entries()) {
    const email = Reflect.get(Reflect.get(request, 'to'), 'email');
    if (typeof email !== 'string' || !email.startsWith('suppressed')) continue;
    const address = at % 2 === 0 ? email : email.toUpperCase();
    await suppressAddress(pool, tenant, {
      address,
      reason: 'manual',
      scope: 'all',
      source: 'test',
    });
  }
  await pool.query(`update suppressions set suppressed_at = '2026-11-01T00:00:00Z'`);
  await cancelSubjects(pool, tenant, ['order:cancelled'], new Date('2026-11-19T00:00:00Z'));
  const ids: string[] = [];
  for (let from = 0; from < requests.length; from += 100) {
    const some = await acceptMessages(world.app, tenant, requests.slice(from, from + 100));
    ids.push(...some.map(({ id }) => id));
  }
  for (;;) {
    const { rows } = await pool.query<{ left: number }>(
      `select count(*)::int as left from messages where state in ('queued', 'held', 'sending')`,
    );
    if (rows[0]?.left === 0) break;
    await sleep(200);
  }
  const byId = new Map<string, Received[]>();
  for (const mail of world.sink.mails) {
    const id = mail.messageId.slice(0, 36);
    byId.set(id, [...(byId.get(id) ?? []), mail]);
  }
  return Promise.all(
    ids.map(async (id) => {
      const record = await findMessage(pool, tenant, id);
      if (!record) throw new Error('no message');
      const { state, reason, error, tries, unknownOutcomes, sentTo, transport, decision } = record;
      const copies = byId.get(id) ?? [];
      const mail = await copies[0]?.parse();
      return {
        ended: { state, reason, error, tries, unknownOutcomes, sentTo, transport },
        // Of one put aside what is left is from an earlier attempt, if it was held before: that is a matter of time.
        decision: state === 'sent' || state === 'suppressed' ? decision : null,
        copies: copies.length,
        mail:
          mail &&
          [mail.subject, mail.text, mail.html].map((part) =>
            withoutOwnLinks(part?.replaceAll(id, 'id')),
          ),
        to: copies.map(({ to }) => to),
      };
    }),
  );
}

it('messages through groups end as they do one by one, whatever they are', async () => {
  const requests = await messages(together);
  const [groups, singles] = await Promise.all([
    outcomes(together, requests),
    outcomes(alone, requests),
  ]);
  for (const [at, group] of groups.entries())
    expect({ request: requests[at], ...group }).toEqual({ request: requests[at], ...singles[at] });
  const ends = new Set(groups.map(({ ended }) => `${ended.state} ${ended.reason}`));
  expect(groups.filter(({ copies }) => copies > 0).length).toBeGreaterThan(count / 4);
  expect(ends.size).toBeGreaterThan(6);
}, 1_200_000);
