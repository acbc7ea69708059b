import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';

import { openProducer, type Producer } from '../../queues/producer.ts';
import { templates } from '../../templates/index.ts';
import {
  addAudience,
  campaignCounts,
  changeCampaign,
  createCampaign,
  findCampaign,
  listCampaigns,
} from '../campaign/campaigns.ts';
import { checkCampaign } from '../campaign/fan-out.ts';
import type { Config } from '../config.ts';
import { kindOf, parseFlow } from '../contract/flow.ts';
import { InvalidInput } from '../core/errors.ts';
import { listPausedFlows, pauseFlow, resumeFlow } from '../delivery/pauses.ts';
import { findApiKey } from '../http/api-keys.ts';
import { buildHttp } from '../http/app.ts';
import { loadConnections } from '../http/webhooks/connections.ts';
import { adapters } from '../http/webhooks/index.ts';
import { applyEvents } from '../ledger/apply.ts';
import { brandsOf } from '../ledger/batch.ts';
import { findRedemption, reserve, settle } from '../ledger/redemption/redemption.ts';
import { openMembers } from '../members/members.ts';
import { cancelMessage, findMessage, listMessages, requeueMessage } from '../message/messages.ts';
import { emptiedAmong } from '../message/retention.ts';
import {
  cancelSubjects,
  reinstateSubject,
  suppressAddress,
  suppressHash,
  unsuppressAddress,
} from '../message/rows/guards.ts';
import type { Metrics } from '../metrics.ts';
import { transaction } from '../postgres/pool.ts';
import { openPictures } from '../render/picture/pictures.ts';
import {
  listVersions,
  liveVersions,
  pointingsOf,
  useNamed,
} from '../render/version/template-versions.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import { sweepOutbox } from '../transports/outbox-sweep.ts';
import { receiving } from './receiving.ts';
import type { Sending } from './sending.ts';

/** Starts the HTTP API, or without that role just what an operator watches; it answers when this resolves. */
export async function openServing({
  config,
  pool,
  brands,
  metrics,
  log,
  sending,
}: {
  readonly config: Config;
  readonly pool: pg.Pool;
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** What this process works off, where it does. */
  readonly sending: Sending | undefined;
}): Promise<FastifyInstance> {
  const producers = new Map<string, Producer>();
  const producerOf = (tenant: string) => {
    const known = producers.get(tenant);
    if (known) return known;
    const producer = openProducer({
      pool,
      tenant,
      brands: [...brands.values()].map(({ brand }) => brand),
      defaultBrand: config.defaultBrand,
      onAccepted: (count) => metrics.accepted.inc({ by: 'http' }, count),
    });
    producers.set(tenant, producer);
    return producer;
  };

  const api = config.roles.has('api');
  const http = await buildHttp({
    operationOnly: !api,
    auth: config.apiAuth ? 'required' : 'off',
    localTenant: config.tenant,
    findApiKey: (key) => findApiKey(pool, key),
    producer: producerOf,
    findMessage: (tenant, id) => findMessage(pool, tenant, id),
    listMessages: (tenant, filter) => listMessages(pool, tenant, filter),
    cancelMessage: (tenant, id) => cancelMessage(pool, tenant, id),
    requeueMessage: (tenant, id) => requeueMessage(pool, tenant, id),
    cancelSubjects: (tenant, subjects) => cancelSubjects(pool, tenant, subjects),
    reinstateSubject: (tenant, subject) => reinstateSubject(pool, tenant, subject),
    suppressAddress: (tenant, entry) => suppressAddress(pool, tenant, entry),
    unsuppressAddress: (tenant, address) => unsuppressAddress(pool, tenant, address),
    suppressHash: (tenant, entry) => suppressHash(pool, tenant, entry),
    applyEvents: (tenant, events) =>
      applyEvents(pool, tenant, brandsOf(brands), events, new Date()),
    reservePoints: (tenant, wanted) => reserve(pool, tenant, brandsOf(brands), wanted, new Date()),
    settlePoints: (tenant, id, how) => settle(pool, tenant, brandsOf(brands), id, how, new Date()),
    findRedemption: (tenant, id) => findRedemption(pool, tenant, brandsOf(brands), id, new Date()),
    webhooks:
      config.webhooksFile === undefined || !api
        ? undefined
        : loadConnections(config.webhooksFile, adapters, [...brands.keys()], config.tenant),
    receiving: (tenant) => receiving(pool, tenant, brandsOf(brands), () => new Date()),
    createCampaign: async (campaign) => {
      const loaded = brands.get(campaign.brand);
      if (loaded) checkCampaign(campaign.template, loaded.brand, templates);
      return createCampaign(pool, campaign);
    },
    addAudience: (campaignId, memberIds) => addAudience(pool, campaignId, memberIds),
    findCampaign: (tenant, id) => findCampaign(pool, tenant, id),
    listCampaigns: (tenant) => listCampaigns(pool, tenant),
    changeCampaign: (tenant, id, to) =>
      transaction(pool, (db) => changeCampaign(db, tenant, id, to)),
    campaignCounts: (id) => campaignCounts(pool, id),
    listPausedFlows: (tenant) => listPausedFlows(pool, tenant),
    pauseFlow: async (tenant, name) =>
      pauseFlow(pool, { tenant, flow: parseFlow(ownFlow(name), templateNames) }, byHand),
    resumeFlow: async (tenant, name) =>
      resumeFlow(pool, { tenant, flow: parseFlow(ownFlow(name), templateNames) }),
    templateNames,
    liveVersions: (tenant) => liveVersions(pool, tenant),
    listVersions: (tenant, template) => listVersions(pool, tenant, template),
    pointingsOf: (tenant, template) => pointingsOf(pool, tenant, template),
    useVersion: (tenant, template, version, by) =>
      transaction(pool, (db) => useNamed(db, tenant, template, { ...by, version })),
    members: openMembers({
      pool,
      brandOf: (id) => brands.get(id)?.brand,
      now: () => new Date(),
      newId: () => uuidv7(),
      swept: () => sweepOutbox(config.outboxFolder, null, (ids) => emptiedAmong(pool, ids)),
    }),
    brands: new Map([...brands].map(([id, { brand }]) => [id, brand])),
    defaultBrand: config.defaultBrand,
    trustProxy: config.trustProxy,
    unsubscribeSecrets: [config.secret],
    drawChart: async (chart) => (await openPictures())(chart).content,
    readiness: [
      { name: 'postgres', check: () => answers(() => pool.query('select 1'), 'does not answer') },
      ...(sending ? [{ name: 'queues', check: async () => silence(sending.silent()) }] : []),
    ],
    metrics: metrics.registry,
    log,
    now: () => new Date(),
  });
  await http.listen({ host: config.host, port: api ? config.port : (config.healthPort ?? 0) });
  return http;
}

const templateNames = templates.map(({ name }) => name);
const byHand = { by: 'hand', why: 'paused over the API', probeSeconds: null } as const;

/** What all tenants share is paused at the command line, by whoever runs the service. */
function ownFlow(name: string): string {
  if (kindOf(name) === 'template') return name;
  const message = `is shared by all tenants; use \`laurel pause ${name}\``;
  throw new InvalidInput([{ path: 'flow', message }]);
}

const silence = (lanes: readonly string[]) =>
  lanes.length === 0 ? null : `no job has moved for too long: ${lanes.join(', ')}`;

const answers = (work: () => Promise<unknown>, otherwise: string): Promise<string | null> =>
  work().then(
    () => null,
    () => otherwise,
  );
