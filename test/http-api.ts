import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';

import { openProducer } from '../queues/producer.ts';
import { receiving } from '../src/app/receiving.ts';
import * as campaigns from '../src/campaign/campaigns.ts';
import * as pauses from '../src/delivery/pauses.ts';
import { apiScopes, type ApiScope, createApiKey, findApiKey } from '../src/http/api-keys.ts';
import { buildHttp } from '../src/http/app.ts';
import type { HttpDeps } from '../src/http/deps.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import * as redemption from '../src/ledger/redemption/redemption.ts';
import { openMembers } from '../src/members/members.ts';
import * as messages from '../src/message/messages.ts';
import * as guards from '../src/message/rows/guards.ts';
import { transaction } from '../src/postgres/pool.ts';
import { openPictures } from '../src/render/picture/pictures.ts';
import * as versions from '../src/render/version/template-versions.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { templates as registry } from '../templates/index.ts';
import { freshDatabase, type FreshDatabase } from './database.ts';

export type HttpApi = {
  readonly app: FastifyInstance;
  readonly database: FreshDatabase;
  readonly secret: string;
  /** Log lines so far, as written. */
  readonly log: readonly string[];
  /** Headers with a fresh key. */
  readonly as: (tenant?: string, scopes?: readonly ApiScope[]) => Promise<Record<string, string>>;
  readonly close: () => Promise<void>;
};

/** Tests tell of their own times; none of what comes later than this. */
const latest = () => new Date('2030-01-01T00:00:00Z');

const templates = fileURLToPath(new URL('../templates', import.meta.url));

/**
 * The HTTP API on a database of its own, wired as the application wires it.
 * @param poolOf the pool the API uses instead of the database's own, which is closed with it.
 */
export async function openHttpApi(
  overrides: Partial<HttpDeps> = {},
  poolOf?: (database: FreshDatabase) => Pool,
): Promise<HttpApi> {
  const database = await freshDatabase({ max: 60 });
  const pool = poolOf?.(database) ?? database.pool;
  const brands = new Map([...(await loadBrands(templates))].map(([id, { brand }]) => [id, brand]));
  const log: string[] = [];
  const secret = 'a secret of at least thirty-two characters';
  const app = await buildHttp({
    auth: 'required',
    findApiKey: (key) => findApiKey(pool, key),
    producer: (tenant) =>
      openProducer({ pool, tenant, brands: [...brands.keys()], defaultBrand: 'kestrel' }),
    findMessage: (tenant, id) => messages.findMessage(pool, tenant, id),
    listMessages: (tenant, filter) => messages.listMessages(pool, tenant, filter),
    cancelMessage: (tenant, id) => messages.cancelMessage(pool, tenant, id),
    requeueMessage: (tenant, id) => messages.requeueMessage(pool, tenant, id),
    cancelSubjects: (tenant, subjects) => guards.cancelSubjects(pool, tenant, subjects),
    reinstateSubject: (tenant, subject) => guards.reinstateSubject(pool, tenant, subject),
    suppressAddress: (tenant, entry) => guards.suppressAddress(pool, tenant, entry),
    unsuppressAddress: (tenant, address) => guards.unsuppressAddress(pool, tenant, address),
    drawChart: async (chart) => (await openPictures())(chart).content,
    suppressHash: (tenant, entry) => guards.suppressHash(pool, tenant, entry),
    applyEvents: (tenant, events) =>
      applyEvents(pool, tenant, (id) => brands.get(id), events, latest()),
    reservePoints: (tenant, wanted) =>
      redemption.reserve(pool, tenant, (id) => brands.get(id), wanted, new Date()),
    settlePoints: (tenant, id, how) =>
      redemption.settle(pool, tenant, (brand) => brands.get(brand), id, how, new Date()),
    findRedemption: (tenant, id) =>
      redemption.findRedemption(pool, tenant, (brand) => brands.get(brand), id, new Date()),
    receiving: (tenant) => receiving(pool, tenant, (id) => brands.get(id), latest),
    createCampaign: (campaign) => campaigns.createCampaign(pool, campaign),
    addAudience: (id, memberIds) => campaigns.addAudience(pool, id, memberIds),
    findCampaign: (tenant, id) => campaigns.findCampaign(pool, tenant, id),
    listCampaigns: (tenant) => campaigns.listCampaigns(pool, tenant),
    changeCampaign: (tenant, id, to) =>
      transaction(pool, (db) => campaigns.changeCampaign(db, tenant, id, to)),
    campaignCounts: (id) => campaigns.campaignCounts(pool, id),
    listPausedFlows: (tenant) => pauses.listPausedFlows(pool, tenant),
    pauseFlow: (tenant, flow) =>
      pauses.pauseFlow(pool, { tenant, flow }, { by: 'hand', why: 'by hand', probeSeconds: null }),
    resumeFlow: (tenant, flow) => pauses.resumeFlow(pool, { tenant, flow }),
    templateNames: registry.map(({ name }) => name),
    liveVersions: (tenant) => versions.liveVersions(pool, tenant),
    listVersions: (tenant, template) => versions.listVersions(pool, tenant, template),
    pointingsOf: (tenant, template) => versions.pointingsOf(pool, tenant, template),
    useVersion: (tenant, template, version, by) =>
      transaction(pool, (db) => versions.useNamed(db, tenant, template, { ...by, version })),
    members: openMembers({
      pool,
      brandOf: (id) => brands.get(id),
      now: () => new Date('2026-06-01T09:00:00Z'),
      newId: () => randomUUID(),
      swept: async () => {},
    }),
    brands,
    unsubscribeSecrets: [secret],
    readiness: [
      {
        name: 'postgres',
        check: () =>
          pool.query('select 1').then(
            () => null,
            () => 'does not answer',
          ),
      },
    ],
    metrics: new Registry(),
    log: pino({ level: 'debug' }, { write: (line) => void log.push(line) }),
    now: () => new Date('2026-06-01T09:00:00Z'),
    ...overrides,
  });
  return {
    app,
    database,
    secret,
    log,
    as: async (tenant = 'main', scopes = apiScopes) => {
      const { key } = await createApiKey(database.pool, { tenant, name: 'test', scopes });
      return { authorization: `Bearer ${key}` };
    },
    close: async () => {
      await app.close();
      if (pool !== database.pool) await pool.end();
      await database.close();
    },
  };
}
