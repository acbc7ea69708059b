import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../../test/database.ts';
import { insertMessages } from '../../message/new-messages.ts';
import { transaction } from '../../postgres/pool.ts';
import { type Pruned, pruneVersions } from './prune-versions.ts';
import {
  findVersion,
  listVersions,
  pointingsOf,
  pointTo,
  publishVersion,
  readVersion,
  rollBack,
  versionBefore,
} from './template-versions.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const by = { by: 'mira', why: null };
/** Publishes a version with this hash, of one file that all of them share. */
const publish = (hash: string, template = 'note', tenant = 'main') =>
  transaction(database.pool, (db) =>
    publishVersion(
      db,
      tenant,
      {
        template,
        hash,
        code: new Map([['note/template.ts', 'f']]),
        files: new Map([[`${template}/body.mjml`, Buffer.from('<mjml>')]]),
      },
      { by: 'mira', note: null, overlooked: 0 },
    ),
  );
const use = (hash: string | null, template = 'note') =>
  transaction(database.pool, (db) =>
    pointTo(db, 'main', { template, hash }, { ...by, how: 'use' }),
  );
const back = (template = 'note') =>
  transaction(database.pool, (db) => rollBack(db, 'main', template, by));

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const c = 'c'.repeat(64);

it('is published once, and never changes', async () => {
  expect(await publish(a)).toBe(true);
  expect(await publish(a)).toBe(false);
  await publish(b);
  expect(await readVersion(database.pool, a)).toEqual({
    template: 'note',
    code: new Map([['note/template.ts', 'f']]),
    files: new Map([['note/body.mjml', Buffer.from('<mjml>')]]),
  });
  const { rows } = await database.pool.query('select hash from template_files');
  expect(rows).toHaveLength(1);
});

it('rolls back step by step, through what was live, and says when there is nothing before', async () => {
  await expect(back()).rejects.toMatchObject({ code: 'nothing-before' });
  await publish(c);
  for (const hash of [a, b, c]) expect(await use(hash)).toBe(true);
  expect(await use(c)).toBe(false);
  expect([await back(), await back()]).toEqual([b, a]);
  await expect(back()).rejects.toMatchObject({ code: 'nothing-before' });
  await use(null);
  expect(await back()).toBe(a);
  // The history is only added to.
  expect((await pointingsOf(database.pool, 'main', 'note')).map(({ how }) => how)).toEqual([
    'rollback',
    'use',
    'rollback',
    'rollback',
    'use',
    'use',
    'use',
  ]);
});

it('knows what is live by what was pointed at last, however often that was', () => {
  const at = new Date(0);
  const pointings = [
    { hash: a, how: 'use', at, ...by },
    { hash: b, how: 'publish', at, ...by },
    { hash: a, how: 'publish', at, ...by },
  ] as const;
  expect(versionBefore(pointings)).toBe(b);
  expect(versionBefore([])).toBeUndefined();
});

it('finds one by its first digits, and says where they are of several', async () => {
  const near = `${'a'.repeat(20)}${'b'.repeat(44)}`;
  await publish(near);
  expect(await findVersion(database.pool, 'main', 'note', 'bbbbbbb')).toEqual({
    template: 'note',
    hash: b,
  });
  await expect(findVersion(database.pool, 'main', null, 'aaaaaaa')).rejects.toMatchObject({
    code: 'ambiguous-version',
  });
  await expect(findVersion(database.pool, 'main', 'other', 'bbbbbbb')).rejects.toMatchObject({
    code: 'unknown-version',
  });
  await expect(use(b, 'other')).rejects.toMatchObject({ code: 'unknown-version' });
  expect(await listVersions(database.pool, 'elsewhere', 'note')).toEqual([]);
});

it('is not pruned while a message that keeps it is being accepted', async () => {
  const hash = 'd'.repeat(64);
  const idle = 'e'.repeat(64);
  await publish(hash, 'kept');
  await publish(idle, 'kept');
  let pruning: Promise<Pruned> | undefined;
  await transaction(database.pool, async (db) => {
    await insertMessages(db, [
      {
        id: randomUUID(),
        tenant: 'main',
        idempotencyKey: null,
        requestHash: 'r',
        lane: 'transactional',
        template: 'kept',
        brand: 'roast',
        memberId: null,
        email: 'ana@example.com',
        name: null,
        locale: null,
        data: {},
        parsedBy: null,
        about: [],
        sendAt: null,
        after: null,
        expiresAt: null,
        wantedVersion: hash.slice(0, 8),
      },
    ]);
    pruning = transaction(database.pool, (other) =>
      pruneVersions(other, 'main', { days: 0, keep: [], dry: false }),
    );
    // It waits for this transaction, whose message nobody else can see yet.
    await vi.waitFor(
      async () => {
        const { rows } = await database.pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rows).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
  });
  const pruned = (await pruning)?.versions.map((one) => one.hash);
  expect(pruned).toContain(idle);
  expect(pruned).not.toContain(hash);
});
