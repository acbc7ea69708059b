import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';

import type { BrandIdentity } from '../brand/brand.ts';
import type { Campaign, CampaignState } from '../campaign/campaigns.ts';
import type { Chart } from '../contract/chart.ts';
import type { Suppression } from '../contract/facts.ts';
import type { MessageRequest, MessageState } from '../contract/message.ts';
import type { PausedFlow } from '../delivery/pauses.ts';
import type { ReceiveDeps } from '../ingest/receive.ts';
import type { EventResult } from '../ledger/batch.ts';
import type {
  Redemption,
  Reservation,
  Reserved,
  Settled,
} from '../ledger/redemption/redemption.ts';
import type { Members } from '../members/members.ts';
import type { Accepted, MessageRecord } from '../message/messages.ts';
import type {
  By,
  liveVersions,
  Pointing,
  Publication,
} from '../render/version/template-versions.ts';
import type { ApiKey } from './api-keys.ts';
import type { OpenConnection } from './webhooks/connections.ts';

/** Accepts messages of one tenant: `openProducer({ pool, tenant, … })`. */
export type Enqueue = {
  readonly enqueue: (message: MessageRequest) => Promise<Accepted>;
  readonly enqueueMany: (messages: readonly unknown[]) => Promise<Accepted[]>;
};

/** One thing readiness depends on. `check` resolves to null when it is well, else to a reason fit for strangers. */
export type ReadinessCheck = {
  readonly name: string;
  readonly check: () => Promise<string | null>;
};

/**
 * All the HTTP API needs of the outside. Most are store functions with their database filled in:
 * `findMessage: findMessage.bind(null, pool)`.
 */
export type HttpDeps = {
  /** Only health, readiness and figures: for a process that works messages off and takes none in. */
  readonly operationOnly?: boolean;
  /** `off` is for one's own machine: every request has every scope of `localTenant`, at a loopback host name only. */
  readonly auth: 'required' | 'off';
  /** `main` when left out. */
  readonly localTenant?: string;
  readonly findApiKey: (key: string) => Promise<ApiKey | null>;

  /** The producer of a tenant; asked on every request, so keep them. */
  readonly producer: (tenant: string) => Enqueue;
  readonly findMessage: (tenant: string, id: string) => Promise<MessageRecord | null>;
  readonly listMessages: (
    tenant: string,
    filter: { readonly memberId?: string; readonly state?: MessageState; readonly limit: number },
  ) => Promise<MessageRecord[]>;
  readonly cancelMessage: (tenant: string, id: string) => Promise<boolean>;
  readonly requeueMessage: (tenant: string, id: string) => Promise<boolean>;

  readonly cancelSubjects: (tenant: string, subjects: readonly string[]) => Promise<void>;
  readonly reinstateSubject: (tenant: string, subject: string) => Promise<boolean>;
  readonly suppressAddress: (
    tenant: string,
    entry: Pick<Suppression, 'reason' | 'scope'> & {
      readonly address: string;
      readonly source: string;
    },
  ) => Promise<void>;
  readonly unsuppressAddress: (tenant: string, address: string) => Promise<boolean>;
  /** Suppression by hash: an unsubscribe link carries no address. */
  readonly suppressHash: (
    tenant: string,
    entry: Pick<Suppression, 'reason' | 'scope'> & {
      readonly addressHash: string;
      readonly source: string;
    },
  ) => Promise<void>;

  /** Checks and applies ledger events; one result each, in their order. A refused one stops none of the others. */
  readonly applyEvents: (
    tenant: string,
    events: readonly unknown[],
  ) => Promise<readonly EventResult[]>;

  /** Who may send webhooks, by `<adapter>/<name>`; nobody when left out. */
  readonly webhooks?: ReadonlyMap<string, OpenConnection> | undefined;
  /** Takes in what webhooks of a tenant tell. */
  readonly receiving: (tenant: string) => ReceiveDeps;

  /** Points set aside to pay with: reserved, then spent or given back. */
  readonly reservePoints: (tenant: string, wanted: Reservation) => Promise<Reserved>;
  readonly settlePoints: (
    tenant: string,
    redemptionId: string,
    how: 'commit' | 'release',
  ) => Promise<Settled>;
  readonly findRedemption: (tenant: string, redemptionId: string) => Promise<Redemption | null>;

  readonly createCampaign: (
    campaign: Pick<Campaign, 'id' | 'tenant' | 'brand' | 'template' | 'parameters'> & {
      readonly idempotencyKey: string | null;
      /** `accepted`, or a published version's hash or its beginning; InvalidInput where it isn't there. */
      readonly wantedVersion: string | null;
    },
  ) => Promise<Campaign>;
  readonly addAudience: (campaignId: string, memberIds: readonly string[]) => Promise<number>;
  readonly findCampaign: (tenant: string, id: string) => Promise<Campaign | null>;
  readonly listCampaigns: (tenant: string) => Promise<Campaign[]>;
  /** In one transaction. */
  readonly changeCampaign: (
    tenant: string,
    id: string,
    to: Extract<CampaignState, 'running' | 'paused' | 'cancelled'>,
  ) => Promise<Campaign | null>;
  readonly campaignCounts: (
    id: string,
  ) => Promise<
    { readonly state: string; readonly reason: string | null; readonly count: number }[]
  >;

  readonly listPausedFlows: (tenant: string) => Promise<readonly PausedFlow[]>;
  /** Both throw InvalidInput where the tenant has no such flow to pause or resume. */
  readonly pauseFlow: (tenant: string, flow: string) => Promise<unknown>;
  /** False when it isn't paused. */
  readonly resumeFlow: (tenant: string, flow: string) => Promise<boolean>;

  /** Templates of this installation. */
  readonly templateNames: readonly string[];
  readonly liveVersions: (tenant: string) => ReturnType<typeof liveVersions>;
  readonly listVersions: (
    tenant: string,
    template: string | null,
  ) => Promise<readonly Publication[]>;
  readonly pointingsOf: (tenant: string, template: string) => Promise<readonly Pointing[]>;
  /**
   * Makes live a version by its hash or its beginning, the one `before`, or the `folder`. Returns what is live then; null: the
   * folder. Throws InvalidInput where there is no such version.
   */
  readonly useVersion: (
    tenant: string,
    template: string,
    version: string,
    by: By,
  ) => Promise<string | null>;

  readonly members: Members;

  /** The brands of this installation, by id. */
  readonly brands: ReadonlyMap<string, BrandIdentity & { readonly locales: readonly string[] }>;
  /** For campaigns that name none. */
  readonly defaultBrand?: string | undefined;
  /** The newest first; links of older ones keep working as long as they are listed. */
  readonly unsubscribeSecrets: readonly string[];
  /** A chart as PNG, for mails that show theirs by address. */
  readonly drawChart: (chart: Chart) => Promise<Uint8Array>;
  readonly readiness: readonly ReadinessCheck[];
  /** Scraped at /metrics; the API adds its own figures to it. */
  readonly metrics: Registry;
  readonly log: FastifyBaseLogger;
  readonly now: () => Date;
  /** How clients are recognised behind a proxy, as Fastify's `trustProxy`; nobody is trusted when left out. */
  readonly trustProxy?: boolean | string;
  /** Requests a minute: of one API key, and of one client address without a valid key. */
  readonly limits?: { readonly perKey?: number; readonly perAddress?: number };
};
