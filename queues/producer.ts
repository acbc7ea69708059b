import type pg from 'pg';

import type { BrandIdentity } from '../src/brand/brand.ts';
import type { MessageRequest } from '../src/contract/message.ts';
import type { Template } from '../src/contract/template.ts';
import type { TraceAccepting } from '../src/contract/tracing.ts';
import { checkPayload } from '../src/core/payload.ts';
import { acceptMessage, acceptMessages } from '../src/message/accept.ts';
import type { Accepted } from '../src/message/new-messages.ts';
import { cancelSubjects } from '../src/message/rows/guards.ts';
import type { Db } from '../src/postgres/pool.ts';

export type { MessageRequest } from '../src/contract/message.ts';

/** What commerce and CRM code imports to hand messages in. */
export type Producer = {
  /**
   * Accepts one message: it is durable when this resolves, or when `db`'s transaction commits.
   * @param options.db a client of the caller's own transaction on the same Postgres: order and mail commit together.
   * @throws InvalidInput naming every wrong field, IdempotencyConflict for a known key with another body.
   */
  readonly enqueue: (message: MessageRequest, options?: { readonly db?: Db }) => Promise<Accepted>;
  /** Accepts many, all or none, in one transaction. Problems name the message: `[3].data.total`. */
  readonly enqueueMany: (
    messages: readonly unknown[],
    options?: { readonly db?: Db },
  ) => Promise<Accepted[]>;
  /** Stops every message about these subjects, waiting or still to come: `order:1001`, `trip:K7PQ2M`. */
  readonly cancelSubjects: (
    subjects: readonly string[],
    options?: { readonly db?: Db },
  ) => Promise<void>;
};

export type ProducerOptions = {
  /** Laurel's database. The producer doesn't close it. */
  readonly pool: pg.Pool;
  readonly tenant?: string;
  /** The brands messages may name. Of one given as more than its id, only templates of its trades are accepted. */
  readonly brands: readonly (string | Pick<BrandIdentity, 'id' | 'trades'>)[];
  readonly defaultBrand?: string | undefined;
  readonly templates: readonly Template[];
  /** Told how many were accepted anew. */
  readonly onAccepted?: (count: number) => void;
  /** When subjects are cancelled; the database's clock when left out. */
  readonly now?: () => Date;
  readonly accepting?: TraceAccepting | undefined;
};

/** Opens a producer. It needs Postgres only: the queue may be down, a relay adds the jobs. */
export function openProducer(options: ProducerOptions): Producer {
  const { pool, tenant = 'main', templates, defaultBrand, onAccepted } = options;
  const brands = options.brands.map((brand) => (typeof brand === 'string' ? { id: brand } : brand));
  const context = {
    pool,
    templates,
    brands: new Map(brands.map((brand) => [brand.id, { brand }])),
    config: { defaultBrand },
    accepting: options.accepting,
  };
  const counted = (accepted: readonly Accepted[]) =>
    onAccepted?.(accepted.filter(({ created }) => created).length);

  return {
    enqueue: async (message, { db } = {}) => {
      const accepted = await acceptMessage(context, tenant, message, { db, check: checkPayload });
      counted([accepted]);
      return accepted;
    },
    enqueueMany: async (messages, { db } = {}) => {
      const accepted = await acceptMessages(context, tenant, messages, {
        db,
        check: checkPayload,
      });
      counted(accepted);
      return accepted;
    },
    cancelSubjects: (subjects, { db } = {}) =>
      cancelSubjects(db ?? pool, tenant, subjects, options.now?.() ?? null),
  };
}
