import type pg from 'pg';
import type { Logger } from 'pino';

import { type QueueBackend } from '../../queues/backend.ts';
import { lanes, queueNames } from '../../queues/names.ts';
import { openPulse } from '../../queues/pulse.ts';
import { startRelay } from '../../queues/relay.ts';
import { startSendWorker } from '../../queues/worker.ts';
import type { Lane } from '../contract/message.ts';
import { PermanentError } from '../core/errors.ts';
import { batch, inBulk, micro } from '../core/micro-batch.ts';
import { pause, untilAborted } from '../core/on-abort.ts';
import { urgent } from '../core/right-of-way.ts';
import type { Policy } from '../decision/policy.ts';
import { catalogues } from '../delivery/catalogues.ts';
import { claimMessages, finishClaimsJson, recoverClaims, renewLeases } from '../delivery/claims.ts';
import { deliver, type Delivery, type Deps } from '../delivery/deliver.ts';
import {
  forgetJobs,
  forgetStaleJobs,
  lanesDue,
  lanesStale,
  releaseJobs,
  maxJobs,
  takeDue,
} from '../delivery/due.ts';
import { logLevelOf } from '../delivery/failure.ts';
import { inLane } from '../delivery/in-lane.ts';
import { replayJournal } from '../delivery/journal.ts';
import { type Leases, openLeases } from '../delivery/leases.ts';
import { listen } from '../delivery/listen.ts';
import { recorder } from '../delivery/recorder.ts';
import { requeueSeconds } from '../delivery/requeue.ts';
import type { WatchedFlows } from '../delivery/watch-flows.ts';
import { appliedEvents } from '../ledger/apply.ts';
import { catalogueVersion, loadCatalogue } from '../ledger/catalogue/catalogue.ts';
import { dueChannel } from '../message/rows/due-channel.ts';
import { readGuards, suppressRefused } from '../message/rows/guards.ts';
import { keepRuleSet } from '../message/stored-decision.ts';
import type { Metrics } from '../metrics.ts';
import { isConnectionFault, isOverdue } from '../postgres/pool.ts';
import type { TemplateSet } from '../render/load.ts';
import { checkMailSize } from '../render/mime/mail-size.ts';
import { composeMime } from '../render/mime/mime.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Transport } from '../transports/transport.ts';
import { closers } from './closers.ts';
import { startFanOut } from './fan-out.ts';
import type { MailLinks } from './mail-links.ts';
import type { Profiles } from './profiles.ts';
import { reservationsOf } from './reservations.ts';
import type { ContainedRendering } from './templates.ts';
import type { Versions } from './versions.ts';

export type SendingParts = {
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
  readonly backend: QueueBackend;
  readonly policy: Policy;
  readonly transport: Transport;
  readonly templates: TemplateSet;
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Where the journal of last resort lies. */
  readonly folder: string;
  readonly profiles: Pick<Profiles, 'loading'>;
  readonly flows: WatchedFlows;
  readonly rendering: ContainedRendering;
  readonly versions: Versions;
  readonly links: MailLinks;
  readonly concurrency: Readonly<Record<Lane, number>>;
  readonly maxTries: number;
  /** Bytes a finished mail may have. */
  readonly maxMailBytes: number;
  readonly leaseSeconds: number;
  /** How long a message waits for the event it must see, where it doesn't say. */
  readonly waitSeconds: number;
  readonly shutdownMs: number;
  readonly now: () => Date;
  /** Nothing is sent: no turn and no code is taken. */
  readonly dry?: boolean;
  /** Told of every attempt, e.g. by the demo's table. */
  readonly onDelivery?: ((messageId: string, delivery: Delivery) => void) | undefined;
  readonly tracing?: Tracing | undefined;
};

export type Sending = {
  /** Lanes whose queue isn't worked off; see openPulse. */
  readonly silent: () => Lane[];
  /** Milliseconds since messages have been in hand of which none comes to an end, whatever end; 0 where nothing is. */
  readonly stuckMs: () => number;
  readonly close: () => Promise<void>;
};

/**
 * Starts everything that works messages off: leases, relay, reconciler, campaign fan-out and a worker a lane.
 * Closing stops taking messages, waits for those in hand up to `shutdownMs`, and leaves nothing unrecorded.
 */
export async function openSending(parts: SendingParts): Promise<Sending> {
  const { pool, log, metrics, templates } = parts;
  const open = closers();
  const deadline = new AbortController();

  await keepRuleSet(pool);
  const replayed = await replayJournal(parts.folder, (json) => finishClaimsJson(pool, json));
  if (replayed > 0)
    log.warn({ replayed }, 'recorded what an earlier process had sent but could not write down');

  const leases = openLeases(
    (tokens) => renewLeases(pool, tokens, parts.leaseSeconds),
    parts.leaseSeconds * 1000,
    (err) => log.warn({ err }, 'could not renew leases'),
  );
  open.add(leases.close);

  const queues = {
    transactional: parts.backend.openQueue(queueNames.transactional),
    campaign: parts.backend.openQueue(queueNames.campaign),
  };
  open.add(() => Promise.all([queues.transactional.close(), queues.campaign.close()]));

  const pulse = openPulse(queues);
  open.add(pulse.close);

  const hand = openHand(deadline.signal);
  /** Told when the receipts that were taken last have come out of their queue: until then they are urgent, too. */
  let onItsWay: (() => void) | undefined;
  const workers = lanes.map((lane) => {
    const deps = inLane[lane](depsOf(parts, leases, deadline.signal));
    const traced = parts.tracing?.delivering(deps) ?? deps;
    return startSendWorker(
      parts.backend,
      lane,
      async (messageId) => report(messageId, await hand.deliver(messageId, traced), parts),
      {
        concurrency: parts.concurrency[lane],
        onJob: () => {
          pulse.felt(lane);
          if (lane === 'transactional') onItsWay?.();
        },
        giveBack: (ids) => releaseJobs(pool, ids),
        onError: (err) => log.warn({ err, lane }, 'the queue worker reports an error; it goes on'),
      },
    );
  });
  open.add(async () => {
    const closed = Promise.all(workers.map((worker) => worker.close()));
    // Without its queue a worker waits for ever; what counts is that no message is in hand any more.
    await Promise.race([closed, untilAborted(deadline.signal)]);
    await hand.emptied();
  });

  const quarantining = templates.names.filter(
    (name) => templates.definition(name).onUnknown === 'quarantine',
  );
  const relay = await startRelay({
    queues,
    lanesDue: () => lanesDue(pool),
    takeDue: async (lane, limit) => {
      const ids = await takeDue(pool, lane, limit);
      if (lane === 'transactional' && ids.length > 0) onItsWay = urgent();
      return ids;
    },
    releaseJobs: (ids) => releaseJobs(pool, ids),
    lanesStale: () => lanesStale(pool),
    forgetStaleJobs: (lane, lagMs) => forgetStaleJobs(pool, lane, lagMs),
    forgetJobs: (lane) => forgetJobs(pool, lane),
    recoverClaims: async () => {
      const recovered = await recoverClaims(pool, quarantining);
      metrics.unknownOutcomes.inc(recovered.resent + recovered.quarantined);
      return recovered;
    },
    maxJobs,
    listen: (wake) => listen(parts.databaseUrl, dueChannel, wake),
    log,
  });
  open.add(relay.close);
  open.add(startFanOut(parts));

  return {
    silent: pulse.silent,
    stuckMs: hand.stuckMs,
    close: () =>
      closeWithin(parts.shutdownMs, open.closeAll, () => {
        log.warn(
          { inHand: leases.size() },
          'the time to stop is up; leaving what is still in hand to be taken up again',
        );
        deadline.abort();
      }),
  };
}

/** The messages that are being worked on. */
function openHand(stop: AbortSignal) {
  /** Since when, in the order they were begun. */
  const inHand = new Map<Promise<Delivery>, number>();
  let lastEnd = 0;
  return {
    deliver: (messageId: string, deps: Deps): Promise<Delivery> => {
      const attempt = deliver(messageId, deps, stop).catch(async (error) => {
        // Not claimed, so nothing is lost; but while Postgres is away, jobs should not burn through their tries.
        await pause(claimAgainMs, stop);
        throw error;
      });
      inHand.set(attempt, performance.now());
      return attempt.finally(() => {
        inHand.delete(attempt);
        lastEnd = performance.now();
      });
    },
    emptied: () => Promise.allSettled(inHand.keys()),
    stuckMs: () => {
      const [first] = inHand.values();
      return first === undefined ? 0 : performance.now() - Math.max(first, lastEnd);
    },
  };
}

/** What one attempt needs of the outside. Those that share it ask together. */
export function depsOf(
  parts: Omit<
    SendingParts,
    'databaseUrl' | 'backend' | 'flows' | 'concurrency' | 'shutdownMs' | 'onDelivery'
  > & { readonly flows: Omit<WatchedFlows, 'close'> },
  leases: Omit<Leases, 'size' | 'close'>,
  stop: AbortSignal,
): Deps {
  const { pool, log, metrics, templates, brands } = parts;
  const claimBatch = batch(
    (ids: readonly string[]) => claimMessages(pool, ids, parts.leaseSeconds),
    inBulk,
  );
  const catalogueOf = catalogues({
    load: (tenant, brand) => loadCatalogue(pool, tenant, brand),
    version: async (tenant, brand) => (await catalogueVersion(pool, tenant, brand)) ?? 'none',
  });

  return {
    claim: async (id) => {
      const askedAt = performance.now();
      const claim = await claimBatch(id);
      if (claim) leases.hold(claim.token, askedAt);
      return claim;
    },
    holds: ({ token }) => leases.holds(token),
    letGo: ({ token }) => leases.letGo(token),
    loadProfile: parts.profiles.loading(),
    isApplied: batch((keys) => appliedEvents(pool, keys), micro),
    waitSeconds: parts.waitSeconds,
    loadGuards: batch((keys) => readGuards(pool, keys), micro),
    reservations: reservationsOf({ pool, templates, dry: parts.dry ?? false }),
    stage: async ({ tenant, template, brand: brandId, version }) => {
      const loaded = brands.get(brandId);
      if (!loaded) throw new PermanentError('unknown-brand', `there is no brand "${brandId}"`);
      return {
        brand: loaded.brand,
        catalogue: await catalogueOf(tenant, brandId),
        templateFor:
          version === undefined
            ? (locale) => templates.compiled(template, brandId, locale)
            : await parts.versions.load({ template, hash: version, brand: brandId }),
        unsubscribeUrl: (address, of) =>
          parts.links.memberLink('unsubscribe', { tenant, brand: brandId, address, ...of }),
        preferencesUrl: (address, of) =>
          parts.links.memberLink('preferences', { tenant, brand: brandId, address, ...of }),
        chartUrl: parts.links.chartUrl,
        clickUrl: parts.links.clickUrl,
        policy: parts.policy,
      };
    },
    render: ({ compiled, view }, signal) => parts.rendering.render(compiled, view, signal),
    compose: (email, message) => {
      const mime = composeMime(email, message.id);
      checkMailSize(mime, email, message, parts.maxMailBytes);
      return mime;
    },
    handOver: (mail, signal) => parts.transport.send(mail, signal),
    finish: recorder(parts, stop),
    suppressBounced: (tenant, refused) => suppressRefused(pool, tenant, refused, requeueSeconds),
    // A statement that takes too long says something of Postgres, and nothing of the message.
    isOutage: (error) => isConnectionFault(error) || isOverdue(error),
    onFault: (err, messageId) => log.error({ err, messageId }, 'an attempt failed unexpectedly'),
    onUnknown: (template) => templates.definition(template).onUnknown,
    now: parts.now,
    backoff,
    maxTries: parts.maxTries,
    heldFor: parts.flows.heldFor,
    holdMs: parts.flows.holdMs,
    learn: parts.flows.learn,
    observe: (step, seconds) => metrics.steps.observe({ step }, seconds),
  };
}

async function closeWithin(
  ms: number,
  close: () => Promise<void>,
  late: () => void,
): Promise<void> {
  const timer = setTimeout(late, ms);
  await close().finally(() => clearTimeout(timer));
}

const claimAgainMs = 1_000;

/** 2 s, 6 s, 18 s, … up to ten minutes, with jitter so that a provider's bad minute isn't answered in step. */
function backoff(tries: number): number {
  const base = Math.min(2_000 * 3 ** tries, 600_000);
  return Math.round(base * (0.75 + Math.random() / 2));
}

function report(
  messageId: string,
  delivery: Delivery,
  { metrics, log, now, onDelivery }: SendingParts,
): void {
  onDelivery?.(messageId, delivery);
  if (delivery.kind === 'not-mine') return;
  const { state, reason, error, message } = delivery;
  metrics.ended.inc({ state, reason: reason ?? '', template: message.template });
  if (state === 'sent') {
    const due = message.sendAt ?? message.acceptedAt;
    metrics.acceptedToSent.observe((now().getTime() - due.getTime()) / 1000);
  }
  const fields = { messageId, template: message.template, state, reason };
  if (logLevelOf(state) === 'error') log.error({ ...fields, error }, 'message not sent');
  else log.debug(fields, 'message done');
}
