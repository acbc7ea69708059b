import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { openProducer } from '../queues/producer.ts';
import { addCodes, newCode } from '../src/coupon/pool.ts';
import { settleCoupons } from '../src/coupon/settle.ts';
import { saveCatalogue } from '../src/ledger/catalogue/catalogue.ts';
import { transaction } from '../src/postgres/pool.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { templates } from '../templates/index.ts';
import { builtProgram } from './built.ts';
import { type Service, startService } from './chaos/process.ts';
import { fixtureDatabase, type FreshDatabase } from './database.ts';
import { enrolReminded, reminder } from './reminded.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';

const offer = {
  offerId: 'winter-15',
  brand: 'kestrel',
  kind: 'discount' as const,
  title: { en: '15% off an extra bag' },
  body: { en: 'With the code below.' },
  productIds: [],
  categories: [],
  introduces: true,
  channels: [],
  tiers: [],
  startsAt: '2020-01-01T00:00:00Z',
  endsAt: '2040-01-01T00:00:00Z',
  usedCount: 0,
  perMember: 1,
  priority: 0,
  couponPool: true as const,
  url: 'https://kestrel.example/bags',
};
const members = 40;

let database: FreshDatabase;
let sink: SmtpSink;
let folder: string;
let service: Service | undefined;
beforeAll(async () => {
  // Built once; whoever is first waits for it.
  await builtProgram();
  database = await fixtureDatabase();
  sink = await startSmtpSink();
  folder = await mkdtemp(join(tmpdir(), 'laurel-coupons-'));
}, 240_000);
afterAll(async () => {
  await service?.kill();
  await sink.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const patience = performance.now() + 240_000;
  while (!(await isSo())) {
    if (performance.now() > patience) throw new Error('waited four minutes in vain');
    await sleep(10);
  }
}

const now = () => new Date();
const codesIn = (text: string) => [...new Set(text.match(/\bW15-[0-9A-Z]{10}\b/g))];

it(
  'a worker killed anywhere leaves no code without its mail, and mails none to two members',
  { timeout: 600_000 },
  async () => {
    const { pool } = database;
    await saveCatalogue(pool, 'main', 'kestrel', { products: [], offers: [offer] });
    const key = { tenant: 'main', brand: 'kestrel', offerId: offer.offerId };
    // Fewer than there are members: the last ones go without, and would take any that comes free.
    await addCodes(
      pool,
      key,
      Array.from({ length: members - 10 }, () => newCode('W15-')),
    );
    const brands = await loadBrands('templates');
    const ids: string[] = [];
    for (let n = 0; n < members; n += 1)
      ids.push(await enrolReminded({ app: { pool, brands }, now }));
    const producer = openProducer({ pool, templates, brands: ['kestrel'] });
    await producer.enqueueMany(ids.map((memberId) => reminder(memberId, now())));

    const env = {
      DATABASE_URL: database.url,
      SMTP_URL: `smtp://127.0.0.1:${sink.port}?tls=off`,
      LAUREL_DIR: folder,
      LAUREL_SECRET: randomBytes(32).toString('hex'),
      PORT: '0',
      ROLES: 'worker',
      QUEUE_PREFIX: `coupons-${randomUUID()}`,
      LEASE_SECONDS: '2',
      WORKER_CONCURRENCY: '4',
    };
    service = await startService(env, { ready: false });
    // Killed first when codes are reserved and nothing is sent, then in the middle of mails.
    for (const point of [0, 6, 18]) {
      await until(async () =>
        point > 0
          ? sink.mails.length >= point
          : ((await pool.query('select from pool_code_messages limit 1')).rowCount ?? 0) > 0,
      );
      await service.kill();
      service = await startService(env, { ready: false });
    }
    await until(async () => {
      const { rows } = await pool.query(
        `select from messages where state in ('queued', 'held', 'sending') limit 1`,
      );
      return rows.length === 0;
    });
    await service.stop();
    await transaction(pool, (db) => settleCoupons(db, null));

    const sent = await pool.query<{ id: string; member: string; state: string }>(
      'select id, member_id as member, state from messages',
    );
    expect(sent.rows.map(({ state }) => state)).toEqual(Array(members).fill('sent'));
    const memberOf = new Map(sent.rows.map(({ id, member }) => [id, member]));
    const mailed = new Map<string, Set<string>>();
    const codesOf = new Map<string, Set<string>>();
    for (const mail of sink.mails) {
      const member = memberOf.get(mail.messageId.slice(0, 36)) ?? '';
      const { text = '', html = '' } = await mail.parse();
      for (const code of codesIn(`${text} ${html}`)) {
        mailed.set(code, (mailed.get(code) ?? new Set()).add(member));
        codesOf.set(member, (codesOf.get(member) ?? new Set()).add(code));
      }
    }
    const shared = [...mailed].filter(([, theirs]) => theirs.size > 1);
    expect(shared).toEqual([]);
    // Also in a second copy of a mail.
    expect([...codesOf].filter(([, codes]) => codes.size > 1)).toEqual([]);
    expect(mailed.size).toBe(members - 10);
    const { rows: codes } = await pool.query<{ code: string; member: string; committed: boolean }>(
      'select code, member_id as member, committed_at is not null as committed from pool_codes',
    );
    expect(codes.filter(({ committed }) => !committed)).toEqual([]);
    expect(new Map(codes.map(({ code, member }) => [code, new Set([member])]))).toEqual(mailed);
  },
);
