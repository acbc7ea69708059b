import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type App, openApp } from '../src/app/app.ts';
import { openLog } from '../src/app/log.ts';
import { loadConfig } from '../src/config.ts';
import { createApiKey } from '../src/http/api-keys.ts';
import { activeMembers } from './members.ts';
import { orderConfirmations } from './orders.ts';
import { type Findings, ms, short, type Target } from './report.ts';
import { type Services, tenant } from './services.ts';
import { quantile } from './statistics.ts';

const clients = 20;
const requests = 60;
const warmUp = 15;

type Row = {
  readonly name: string;
  readonly perSecond: number;
  readonly p99: number;
  readonly postgresMs: number;
};

/** What the API takes in from clients that each send one request after another, without a network between. */
export async function measureApi(services: Services): Promise<Findings> {
  const database = await services.freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'laurel-bench-'));
  const config = loadConfig({
    DATABASE_URL: database.url,
    LAUREL_DIR: folder,
    ROLES: 'api',
    PORT: '0',
    API_AUTH: 'required',
    LOG_LEVEL: 'warn',
  });
  const app = await openApp({ config, log: openLog('warn') });
  try {
    const { key } = await createApiKey(app.pool, {
      tenant,
      name: 'bench',
      scopes: ['send'],
    });
    const headers = { authorization: `Bearer ${key}` };
    const members = await activeMembers('juniper');
    const order = await orderConfirmations(members);
    let n = 0;
    const earned = (memberId: string) => ({
      type: 'points.earned',
      source: 'bench',
      id: `e-${(n += 1)}`,
      at: '2026-11-20T09:00:00Z',
      memberId,
      points: 1,
    });
    const measured = (name: string, url: string, payload: (client: number) => object) =>
      measure(name, app, services, { url, headers, payload });
    const rows = [
      await measured('messages', '/v1/messages', () => order((n += 1))),
      await measured('events of 20 members', '/v1/events', (client) =>
        earned(members[client % members.length]?.memberId ?? ''),
      ),
      await measured('events of one member', '/v1/events', () =>
        earned(members[0]?.memberId ?? ''),
      ),
    ];
    const least = [1_000, 700, 200];
    return {
      title: 'API',
      note: `${clients} clients, ${requests} requests each, one after the other; a message or an event a request`,
      table: [
        ['', 'a second', 'p99', 'Postgres'],
        ...rows.map((row) => [row.name, short(row.perSecond), ms(row.p99), ms(row.postgresMs)]),
      ],
      targets: rows.map(({ name, perSecond }, at): Target => {
        const wanted = least[at] ?? 0;
        const target = `at least ${wanted} a second`;
        return { what: `API, ${name}`, value: short(perSecond), target, met: perSecond >= wanted };
      }),
      figures: { clients, requests, rows },
    };
  } finally {
    await app.close();
    await rm(folder, { recursive: true });
    await database.drop();
  }
}

async function measure(
  name: string,
  { http }: App,
  services: Services,
  {
    url,
    headers,
    payload,
  }: { url: string; headers: Record<string, string>; payload: (client: number) => object },
): Promise<Row> {
  if (!http) throw new Error('the API is not open');
  const times: number[] = [];
  const send = async (client: number) => {
    const from = performance.now();
    const reply = await http.inject({ method: 'POST', url, headers, payload: payload(client) });
    times.push(performance.now() - from);
    if (reply.statusCode >= 300) throw new Error(`${url}: ${reply.statusCode} ${reply.body}`);
  };
  const all = (count: number) =>
    Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        for (let done = 0; done < count; done += 1) await send(client);
      }),
    );
  await all(warmUp);
  times.length = 0;
  const before = services.cpu().postgres;
  const from = performance.now();
  await all(requests);
  const seconds = (performance.now() - from) / 1000;
  const after = services.cpu().postgres;
  return {
    name,
    perSecond: times.length / seconds,
    p99: quantile(times, 0.99),
    postgresMs: before === null || after === null ? Number.NaN : (after - before) / times.length,
  };
}
