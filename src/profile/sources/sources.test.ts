import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { fixtureBrandOf } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { json, startSourceServer } from '../../../test/source-server.ts';
import { batch } from '../../core/micro-batch.ts';
import { applyEvents } from '../../ledger/apply.ts';
import { ledgerAnswer } from '../answer.ts';
import { readProfiles } from '../ledger.ts';
import { SourceFault } from './fault.ts';
import { parseSources } from './parse.ts';
import { people, sourceContract } from './source.contract.ts';
import type { Source, SourceParts } from './source.ts';

const parts = (changes: Partial<SourceParts> = {}): SourceParts => ({
  secret: () => undefined,
  networks: ['127.0.0.0/8'],
  folder: tmpdir(),
  batch,
  now: () => new Date(),
  ...changes,
});

function openOne(settings: Record<string, unknown>, changes?: Partial<SourceParts>): Source {
  const { sources } = parseSources({
    sources: { one: { identity: 'memberId', map: { activePoints: 'points' }, ...settings } },
  });
  const [first] = sources;
  if (!first) throw new Error('no source');
  return first.open(parts(changes));
}

const Told = z.looseObject({ memberId: z.unknown(), points: z.unknown() });
const read = (record: unknown) => Told.parse(record);

sourceContract('http, a GET each', async () => {
  const server = await startSourceServer();
  server.answer = (request, response, body) => {
    const id = decodeURIComponent((request.url ?? '').replace('/members/', ''));
    const found = people.find(({ memberId }) => memberId === id);
    json(found ?? { error: 'no such member' }, found ? 200 : 404)(request, response, body);
  };
  const source = openOne({ kind: 'http', url: `${server.url}/members/{memberId}` });
  return { source, read, fail: server.close, close: () => source.close() };
});

sourceContract('http, a POST for several', async () => {
  const server = await startSourceServer();
  const Body = z.object({ query: z.object({ ids: z.array(z.string()) }) });
  server.answer = (request, response, body) => {
    const { ids } = Body.parse(JSON.parse(body)).query;
    const members = people.filter(({ memberId }) => ids.includes(memberId)).toReversed();
    json({ data: { members } })(request, response, body);
  };
  const source = openOne({
    kind: 'http',
    url: `${server.url}/search`,
    method: 'POST',
    body: { query: { ids: '{keys}' } },
    items: 'data.members',
  });
  return { source, read, fail: server.close, close: () => source.close() };
});

sourceContract('sql', async () => {
  const database = await freshDatabase();
  await database.pool.query(
    'create table public.people (member_id text primary key, points bigint)',
  );
  await database.pool.query(
    'insert into public.people select * from unnest($1::text[], $2::bigint[])',
    [people.map(({ memberId }) => memberId), people.map(({ points }) => points)],
  );
  const source = openOne(
    {
      kind: 'sql',
      url: '${SOURCE_DB}',
      query: 'select member_id as "memberId", points from public.people where member_id = any($1);',
    },
    { secret: () => database.url },
  );
  return {
    source,
    read,
    fail: async () => void (await database.pool.query('drop table public.people')),
    close: async () => {
      await source.close();
      await database.close();
    },
  };
});

const writers = {
  csv: () =>
    ['memberId;points', ...people.map(({ memberId, points }) => `"${memberId}";${points}`)].join(
      '\r\n',
    ),
  ndjson: () => people.map((person) => JSON.stringify(person)).join('\n'),
  json: () => JSON.stringify({ members: people }),
};
describe.each(['csv', 'ndjson', 'json'] as const)('of %s', (format) => {
  sourceContract('file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'laurel-source-'));
    const path = join(folder, `people.${format}`);
    await writeFile(path, `\uFEFF${writers[format]()}`);
    // Written a while ago, as far as it can tell.
    let later = 2_000;
    const source = openOne(
      { kind: 'file', path: `people.${format}`, ...(format === 'json' && { items: 'members' }) },
      { folder, now: () => new Date(Date.now() + later) },
    );
    return {
      source,
      read,
      fail: async () => {
        await rm(path);
        later = 4_000;
      },
      close: async () => {
        await source.close();
        await rm(folder, { recursive: true });
      },
    };
  });
});

sourceContract('the ledger', async () => {
  const [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
  const at = '2026-05-04T10:00:00Z';
  await applyEvents(
    database.pool,
    'main',
    brandOf,
    people.flatMap(({ memberId, points }, n) => [
      {
        type: 'member.enrolled',
        source: 't',
        id: `e${n}`,
        at,
        memberId,
        brand: 'juniper',
        membershipNumber: `${n}`,
      },
      ...(points > 0
        ? [{ type: 'points.earned', source: 't', id: `p${n}`, at, memberId, points }]
        : []),
    ]),
  );
  const ask: Source['ask'] = async (memberId) => {
    const [reading] = await readProfiles(database.pool, new Date(at), brandOf, [
      { tenant: 'main', memberId },
    ]).catch(() => {
      throw new SourceFault('down', 'does not answer');
    });
    if (!reading || reading instanceof Error) throw reading ?? new Error('no reading');
    const { values } = ledgerAnswer(reading);
    return values.activePoints === undefined
      ? null
      : { record: { memberId, points: values.activePoints } };
  };
  const source: Source = {
    ask,
    check: async () => 'always asked',
    close: async () => {},
  };
  return {
    source,
    read,
    fail: async () => void (await database.pool.query('drop table laurel.profiles')),
    close: () => database.close(),
  };
});

const pointsOf = async (source: Source) => {
  const told = await source.ask('ana', AbortSignal.timeout(1_000));
  return told && read(told.record).points;
};

const askOnce = async (source: Source, key = 'ana') => {
  try {
    return await source.ask(key, AbortSignal.timeout(5_000));
  } finally {
    await source.close();
  }
};

describe('a file that is written anew', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'laurel-source-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const clock = { at: Date.now() };
  const write = async (text: string, ageMs: number) => {
    const time = new Date(clock.at - ageMs);
    await writeFile(join(folder, 'new'), text);
    await utimes(join(folder, 'new'), time, time);
    await rename(join(folder, 'new'), join(folder, 'people.csv'));
    clock.at += 2_000;
  };
  it('is read again; half of one, or a broken one, leaves what was there', async () => {
    await write('memberId,points\nana,120\nben,3\n', 60_000);
    const source = openOne(
      { kind: 'file', path: 'people.csv' },
      { folder, now: () => new Date(clock.at) },
    );
    expect(await pointsOf(source)).toBe('120');
    await write('memberId,points\nana,1', -2_000);
    expect(await pointsOf(source)).toBe('120');
    await write('memberId,points\nana,140\n', 50_000);
    expect(await pointsOf(source)).toBe('140');
    await write('memberId,points\nana,150,what\n', 40_000);
    expect(await pointsOf(source)).toBe('140');
    await expect(source.check()).rejects.toThrow('is no CSV in line 2');
    await write('memberId,points\nana,150\nana,160\n', 30_000);
    await expect(pointsOf(source)).rejects.toMatchObject({
      state: 'garbage',
      message: 'tells of the member twice',
    });
  });
});

describe('a query on another database', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    await database.pool.query(
      'create table public.people (id text, points int, seen timestamp, born date)',
    );
    await database.pool.query(
      `insert into public.people values ('ana', 5, '2026-05-04 10:00', '1980-02-03'), ('twin', 1, null, null), ('twin', 1, null, null)`,
    );
  });
  afterAll(() => database.close());
  const open = (query: string, settings = {}) =>
    openOne(
      { kind: 'sql', url: '${SOURCE_DB}', identity: 'id', query, ...settings },
      { secret: () => database.url },
    );
  it('keeps days and times as they are', async () => {
    expect(await askOnce(open('select * from public.people where id = any($1)'))).toEqual({
      record: { id: 'ana', points: 5, seen: new Date('2026-05-04T10:00:00Z'), born: '1980-02-03' },
    });
  });

  it('takes no answer that says two things of one person', async () => {
    const source = open('select * from public.people where id = any($1)');
    await expect(askOnce(source, 'twin')).rejects.toMatchObject({ state: 'garbage' });
  });

  it('cannot write, whatever it says', async () => {
    await database.pool.query('create sequence public.s');
    for (const [query, message] of [
      ['delete from public.people where id = any($1) returning *', /refuses the query/],
      [
        'with gone as (delete from public.people where id = any($1) returning *) select * from gone',
        /refuses the query/,
      ],
      ["select id, nextval('public.s') from public.people where id = any($1)", /its query writes/],
      [
        'select id from public.people where id = any($1)) t; commit; drop table public.people; --',
        /refuses/,
      ],
    ] as const)
      await expect(askOnce(open(query))).rejects.toThrow(message);
    const { rows } = await database.pool.query('select count(*)::int as n from public.people');
    expect(rows).toEqual([{ n: 3 }]);
  });

  it('is cut short when it takes too long', async () => {
    const source = open('select id, pg_sleep(20) from public.people where id = any($1)', {
      timeoutMs: 1_000,
    });
    await expect(askOnce(source)).rejects.toMatchObject({
      state: 'down',
      message: 'does not answer in time',
    });
  });
});
