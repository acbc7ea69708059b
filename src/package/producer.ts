import type { Pool } from 'pg';

import type { MessageRequest } from '../contract/message.ts';
import { traceParentOf } from '../contract/tracing.ts';
import { InvalidInput } from '../core/errors.ts';
import { checkPayload } from '../core/payload.ts';
import { acceptMessage, acceptMessages } from '../message/accept.ts';
import { type Accepts, loadAccepts } from '../message/accepted-templates.ts';
import type { Accepted } from '../message/new-messages.ts';
import { cancelSubjects } from '../message/rows/guards.ts';
import { type Db, openPool } from '../postgres/pool.ts';

export { IdempotencyConflict, InvalidInput } from '../core/errors.ts';

/** Data by template, as `laurel types` writes it; any, where there is none. */
type Known = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A message, with the data that its template wants. */
export type Message<Messages extends object = Known> = {
  [Name in keyof Messages & string]: Omit<MessageRequest, 'template' | 'data'> & {
    readonly template: Name;
    readonly data: Messages[Name];
  };
}[keyof Messages & string];

/** A client of the caller's own open transaction: of `pg`, on the same database. */
export type Transaction = {
  readonly query: (text: string, values?: unknown[]) => Promise<unknown>;
};

export type Producer<Messages extends object = Known> = {
  /**
   * Accepts one message: durable when this resolves, or when `db`'s transaction commits.
   * @throws InvalidInput naming every wrong field, IdempotencyConflict for a known key with another body. In a transaction of
   * one's own, roll back then.
   */
  readonly enqueue: (
    message: Message<Messages>,
    options?: { readonly db?: Transaction },
  ) => Promise<Accepted>;
  /** Accepts many, all or none. Problems name the message: `[3].data.total`. */
  readonly enqueueMany: (
    messages: readonly Message<Messages>[],
    options?: { readonly db?: Transaction },
  ) => Promise<Accepted[]>;
  /** Stops every message about these subjects, waiting or still to come: `order:1001`. */
  readonly cancelSubjects: (
    subjects: readonly string[],
    options?: { readonly db?: Transaction },
  ) => Promise<void>;
  /** Closes the pool it opened; one that was handed to it stays open. */
  readonly close: () => Promise<void>;
};

export type ProducerOptions = {
  /** Laurel's database, or a pool of one's own on it. */
  readonly database: string | Pool;
  /** `main` when left out. */
  readonly tenant?: string;
  /** The brand of messages that name none. */
  readonly defaultBrand?: string;
  /**
   * Where the shop's own trace is, as its OpenTelemetry writes `traceparent`: what becomes of a message is then part of it.
   */
  readonly traceparent?: () => string | undefined;
};

/** What the installation accepts is asked for again after this time. */
const freshMs = 30_000;

/**
 * Opens a producer: it needs Postgres alone, and no template. Messages are checked against what the running installation
 * accepts, which that keeps in its database.
 */
export function openProducer<Messages extends object = Known>({
  database,
  tenant = 'main',
  defaultBrand,
  traceparent,
}: ProducerOptions): Producer<Messages> {
  const pool = typeof database === 'string' ? openPool(database) : database;
  let kept: { readonly accepts: Promise<Accepts>; readonly until: number } | undefined;
  const accepts = () => {
    if (kept && kept.until > performance.now()) return kept.accepts;
    const loading = loadAccepts(pool);
    kept = { accepts: loading, until: performance.now() + freshMs };
    loading.catch(() => (kept = undefined));
    return loading;
  };
  const contextOf = async () => {
    const { templates, brands } = await accepts();
    if (templates.length === 0)
      throw new InvalidInput([
        {
          path: 'template',
          message: 'nothing is accepted yet: no worker or API of Laurel has run on this database',
        },
      ]);
    return { pool, templates, brands, config: { defaultBrand } };
  };
  /** In Laurel's schema, on whatever connection: a transaction of the caller's has its own search path again afterwards. */
  const within = async <Result>(
    given: Transaction | undefined,
    work: (db?: Db) => Promise<Result>,
  ): Promise<Result> => {
    // A pool of Laurel's making looks into its schema by itself.
    if (given === undefined && typeof database === 'string') return work();
    const own = given === undefined ? await pool.connect() : undefined;
    const db: Db = own ?? clientOf(given);
    try {
      if (own) await db.query('begin');
      const { rows } = await db.query<{ path: string }>(
        "select current_setting('search_path') as path",
      );
      await db.query('set local search_path to laurel, public');
      const result = await work(db);
      await db.query("select set_config('search_path', $1, true)", [rows[0]?.path ?? 'public']);
      if (own) await db.query('commit');
      own?.release();
      return result;
    } catch (error) {
      if (own)
        await own.query('rollback').then(
          () => own.release(),
          () => own.release(true),
        );
      throw error;
    }
  };
  return {
    enqueue: async (message, { db } = {}) => {
      const context = await contextOf();
      return within(db, (client) =>
        acceptMessage(context, tenant, message, {
          db: client,
          check: checkPayload,
          parent: traceParentOf(traceparent?.()),
        }),
      );
    },
    enqueueMany: async (messages, { db } = {}) => {
      const context = await contextOf();
      return within(db, (client) =>
        acceptMessages(context, tenant, messages, {
          db: client,
          check: checkPayload,
          parent: traceParentOf(traceparent?.()),
        }),
      );
    },
    cancelSubjects: (subjects, { db } = {}) =>
      within(db, (client) => cancelSubjects(client ?? pool, tenant, subjects, null)),
    close: () => (typeof database === 'string' ? pool.end() : Promise.resolve()),
  };
}

/** What `pg` gives is what Laurel works with; it is only told apart by its types. */
function clientOf(given: Transaction | undefined): Db {
  if (isClient(given)) return given;
  throw new InvalidInput([
    { path: 'db', message: 'must be a client of pg with an open transaction' },
  ]);
}

const isClient = (given: unknown): given is Db =>
  typeof given === 'object' &&
  given !== null &&
  'query' in given &&
  typeof given.query === 'function';
