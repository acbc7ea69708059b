import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';

import type { BrandIdentity } from '../src/brand/brand.ts';
import type { MessageRequest } from '../src/contract/message.ts';
import type { Template } from '../src/contract/template.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { acceptMessage } from '../src/message/accept.ts';
import { type Accepted, insertMessages } from '../src/message/messages.ts';
import { cancelSubjects } from '../src/message/rows/guards.ts';
import { type Db, transaction } from '../src/postgres/pool.ts';
import { templates as registry } from '../templates/index.ts';

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
  /** Those of this installation when left out. */
  readonly templates?: readonly Template[];
  /** Told how many were accepted anew. */
  readonly onAccepted?: (count: number) => void;
  /** When subjects are cancelled; the database's clock when left out. */
  readonly now?: () => Date;
};

/** Opens a producer. It needs Postgres only: the queue may be down, a relay adds the jobs. */
export function openProducer(options: ProducerOptions): Producer {
  const tenant = options.tenant ?? 'main';
  const context = {
    tenant,
    templates: new Map(
      (options.templates ?? registry).map((template) => [template.name, template]),
    ),
    brands: new Map(
      options.brands
        .map((brand) => (typeof brand === 'string' ? { id: brand } : brand))
        .map((brand) => [brand.id, brand]),
    ),
    ...(options.defaultBrand !== undefined && { defaultBrand: options.defaultBrand }),
    newId: () => uuidv7(),
  };

  const enqueueMany: Producer['enqueueMany'] = async (messages, { db } = {}) => {
    const rows = acceptAll(messages, (message) => acceptMessage(message, context));
    const accepted = await (db
      ? insertMessages(db, rows)
      : transaction(options.pool, (own) => insertMessages(own, rows)));
    options.onAccepted?.(accepted.filter(({ created }) => created).length);
    return accepted;
  };

  return {
    enqueue: async (message, { db } = {}) => {
      const row = acceptMessage(message, context);
      const [accepted] = await insertMessages(db ?? options.pool, [row]).catch(alone);
      if (!accepted) throw new Error('the message was not stored');
      options.onAccepted?.(accepted.created ? 1 : 0);
      return accepted;
    },
    enqueueMany,
    cancelSubjects: (subjects, { db } = {}) =>
      cancelSubjects(db ?? options.pool, tenant, subjects, options.now?.() ?? null),
  };
}

/** Problems of the only message there was, without its place among others. */
function alone(error: unknown): never {
  if (!(error instanceof InvalidInput)) throw error;
  throw new InvalidInput(
    error.problems.map(({ path, message }) => ({ path: path.replace(/^\[0\]\./, ''), message })),
    error.status,
  );
}

/** Checks all before storing any, and reports every mistake of every message at once. */
function acceptAll<Row>(messages: readonly unknown[], accept: (message: unknown) => Row): Row[] {
  const problems: { path: string; message: string }[] = [];
  let status: InvalidInput['status'] = 400;
  const rows = messages.flatMap((message, index) => {
    try {
      return [accept(message)];
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      status = error.status;
      problems.push(
        ...error.problems.map((one) => ({ path: `[${index}].${one.path}`, message: one.message })),
      );
      return [];
    }
  });
  if (problems.length > 0) throw new InvalidInput(problems, status);
  return rows;
}
