import { afterAll, beforeAll, expect, it } from 'vitest';

import { openProducer } from '../../queues/producer.ts';
import { templates } from '../../templates/index.ts';
import { type Cli, openCli } from '../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import type { Decision } from '../contract/decision.ts';
import { claimMessages, type Ending, finishClaims } from '../delivery/claims.ts';

let database: FreshDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await freshDatabase();
  cli = await openCli({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await cli.close();
  await database.close();
});

const at = new Date('2026-11-20T12:00:00Z');
const decision: Decision = {
  kind: 'send',
  reason: 'allowed',
  steps: [{ rule: 'address-suppressed', version: 1, outcome: 'pass' }],
  blocks: [
    { block: 'status', content: 'loyalty', kind: 'show', steps: [] },
    {
      block: 'points-banner',
      content: 'loyalty',
      kind: 'hide',
      reason: 'too-few-points',
      rule: 'points-banner',
      steps: [
        {
          rule: 'points-banner',
          version: 1,
          outcome: 'hide',
          reason: 'too-few-points',
          actual: 40,
          needed: 500,
          flip: { text: '500 active points.' },
        },
      ],
    },
  ],
  offers: [
    {
      offerId: 'sandwich',
      kind: 'hide',
      reason: 'never-bought',
      rule: 'never-bought',
      rank: null,
      affinity: 0,
      because: 'no affinity with its categories',
      steps: [
        {
          rule: 'never-bought',
          version: 1,
          outcome: 'hide',
          reason: 'never-bought',
          actual: { bought: ['coffee'] },
          needed: { boughtOneOf: ['breakfast with egg'] },
          flip: { text: 'The member buys something like it: breakfast with egg.' },
        },
      ],
    },
    {
      offerId: 'latte-week',
      kind: 'show',
      rank: 1,
      affinity: 0.7,
      because: 'affinity 0.7 with coffee',
      steps: [],
    },
  ],
  basis: {
    at: at.toISOString(),
    profile: 'member',
    ledgerVersion: 12,
    profileAsOf: '2026-11-20T11:59:59.000Z',
    catalogueVersion: 'c1',
    programmeVersion: 'p1',
    templateVersion: 't1',
    locale: 'en',
  },
};

/** A message that a worker has worked off, as the row says it. */
async function workedOff(ending: Partial<Ending>): Promise<string> {
  const producer = openProducer({ pool: database.pool, templates, brands: ['juniper'] });
  const { id } = await producer.enqueue({
    template: 'bonus-posted',
    to: { memberId: 'ana' },
    data: { bonusId: 'spring', name: 'Spring', reason: 'visit' },
  });
  // What ends was accepted before.
  await database.pool.query('update laurel.messages set accepted_at = $2 where id = $1', [
    id,
    new Date(at.getTime() - 60_000),
  ]);
  const [claim] = await claimMessages(database.pool, [id], 15);
  await finishClaims(database.pool, [
    {
      id,
      token: claim?.token ?? '',
      state: 'sent',
      reason: null,
      error: null,
      at,
      delayMs: null,
      spentTries: 0,
      unknownOutcomes: 0,
      sentTo: null,
      transport: null,
      response: null,
      templateVersion: 't1',
      decision,
      message: null,
      ...ending,
    },
  ]);
  return id;
}

it('says what was sent, from what, and why each part is there or not', async () => {
  const id = await workedOff({
    sentTo: 'ana.silva@mail.example',
    transport: 'smtp',
    response: '250 2.0.0 queued as 4711',
    unknownOutcomes: 1,
  });
  const { code, stdout } = await cli.laurel(['explain', id]);
  expect(code).toBe(0);
  expect(stdout).toContain('Sent at 2026-11-20 12:00:00 UTC.');
  expect(stdout).toMatch(/To +member ana, a\*\*\*@mail\.example/);
  expect(stdout).not.toContain('ana.silva');
  expect(stdout).toMatch(/Template +bonus-posted, version t1/);
  expect(stdout).toMatch(/Profile +as of 2026-11-20 11:59:59 UTC, ledger version 12/);
  expect(stdout).toContain('by smtp: 250 2.0.0 queued as 4711; 1 attempt with unknown outcome');
  expect(stdout).toMatch(/✓ address-suppressed +Passed\./);
  expect(stdout).toMatch(/✓ status \(loyalty\) +Shown/);
  expect(stdout).toMatch(/– points-banner \(loyalty\) +Hidden: 40 points, 500 needed\./);
  expect(stdout).toContain('would change it: 500 active points.');
  // Best first, whatever order they were decided in.
  expect(stdout).toMatch(/✓ 1 {2}latte-week[^]*– – {2}sandwich +Hidden: the member never bought/);
  expect(stdout).not.toContain('\u001B['); // no colours in a pipe
});

it('says why a message was not sent', async () => {
  const id = await workedOff({
    state: 'suppressed',
    reason: 'subject-cancelled',
    decision: {
      ...decision,
      kind: 'suppress',
      reason: 'subject-cancelled',
      rule: 'subject-cancelled',
      blocks: [],
      offers: [],
      steps: [
        ...decision.steps,
        {
          rule: 'subject-cancelled',
          version: 1,
          outcome: 'suppress',
          reason: 'subject-cancelled',
          actual: { subject: 'bonus:spring', cancelledAt: '2026-11-19T08:00:00Z' },
          needed: 'not cancelled',
          flip: { text: 'Reinstate bonus:spring.' },
        },
      ],
    },
  });
  const { stdout } = await cli.laurel(['explain', id]);
  expect(stdout).toContain('Not sent: bonus:spring was cancelled on 2026-11-19.');
  expect(stdout).toContain('would change it: Reinstate bonus:spring.');

  const json = await cli.laurel(['explain', id, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    id,
    state: 'suppressed',
    decision: { kind: 'suppress', reason: 'subject-cancelled' },
  });
});

it('says what failed, and lets it be put back in line', async () => {
  const id = await workedOff({
    state: 'failed',
    reason: 'tries-exhausted',
    error: 'mail server 10.0.0.5:25 can’t be reached',
    spentTries: 1,
  });
  const failed = await cli.laurel(['explain', id]);
  expect(failed.stdout).toContain(
    'Failed: every try failed (mail server 10.0.0.5:25 can’t be reached).',
  );
  expect(await cli.laurel(['requeue', id])).toMatchObject({ code: 0 });
  expect((await cli.laurel(['messages', '--state', 'queued'])).stdout).toContain(id);
  const tooLate = await cli.laurel(['requeue', id]);
  expect(tooLate).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the message is queued'),
  });
});

it('has a clear word for an unknown id, and for something that is no id', async () => {
  const unknown = await cli.laurel(['explain', '0196a000-0000-7000-8000-000000000000']);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('there is no message 0196a000-0000-7000-8000-000000000000');
  const wrong = await cli.laurel(['explain', "' or 1=1"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('is not the id of a message');
});
