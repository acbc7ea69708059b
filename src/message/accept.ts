import { createHash } from 'node:crypto';

import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';

import type { Brand } from '../brand/brand.ts';
import { dataProblems } from '../contract/data-limits.ts';
import { type After, MessageRequest } from '../contract/message.ts';
import { isFor, type Template } from '../contract/template.ts';
import type { TraceAccepting, TraceParent } from '../contract/tracing.ts';
import { parseAddress } from '../core/address.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { batch, gathered } from '../core/micro-batch.ts';
import { once } from '../core/once.ts';
import { problemsOf } from '../core/problems.ts';
import { urgently } from '../core/right-of-way.ts';
import { isSameJson } from '../core/same-json.ts';
import { schemaFingerprint } from '../core/schema-fingerprint.ts';
import { type Db, isConnectionFault, transaction } from '../postgres/pool.ts';
import { type Accepted, insertEach, insertMessages, type NewMessage } from './new-messages.ts';
import { tellDue } from './rows/due-channel.ts';

/** Of the context, what accepting works with. */
export type AcceptContext = {
  readonly pool: pg.Pool;
  readonly templates: readonly Template[];
  readonly brands: ReadonlyMap<string, { readonly brand: KnownBrand }>;
  /** `defaultBrand` is used where a message names no brand. */
  readonly config: { readonly defaultBrand?: string | undefined };
  /** Told of what is accepted, where somebody traces that. */
  readonly accepting?: TraceAccepting | undefined;
};

type Options = {
  /** A client of the caller's own transaction. */
  readonly db?: Db | undefined;
  /** Looks at what no parser has let through as plain JSON yet. */
  readonly check?: (payload: unknown) => void;
  /** Where whoever hands it in traces that. */
  readonly parent?: TraceParent | undefined;
};

type CheckedRequest = ReturnType<typeof MessageRequest.parse>;

/**
 * The one door for messages, whoever hands them in: HTTP, command line, commerce code. Durable when this resolves, or when
 * `db`'s transaction commits.
 * @throws InvalidInput naming every field that is wrong, IdempotencyConflict for a known key with another body
 */
export async function acceptMessage(
  context: AcceptContext,
  tenant: string,
  payload: unknown,
  { db, check, parent }: Options = {},
): Promise<Accepted> {
  check?.(payload);
  const rows = [newMessage(context, tenant, payload)];
  const accepted = await urgently(() =>
    traced(context, parent, rows, async ([row]) => {
      if (!row) throw new Error('the message is missing');
      const [stored] = db ? await insertEach(db, [row]) : [await togetherOn(context.pool)(row)];
      if (!stored) throw new Error('the message was not stored');
      if (stored instanceof Error) throw stored;
      return stored;
    }),
  );
  tellDue(context.pool, db === undefined);
  return accepted;
}

/** Stores rows with where that is traced: by us, or by whoever hands them in. */
async function traced<Result>(
  { accepting }: AcceptContext,
  parent: TraceParent | undefined,
  rows: readonly NewMessage[],
  store: (rows: readonly NewMessage[]) => Promise<Result>,
): Promise<Result> {
  const span = rows.length > 0 ? accepting?.(rows, parent) : undefined;
  const trace = span?.parent ?? parent;
  try {
    const stored = await store(trace === undefined ? rows : rows.map((row) => ({ ...row, trace })));
    span?.end();
    return stored;
  } catch (error) {
    span?.end(error);
    throw error;
  }
}

/** What comes at once is stored in one statement, which commits by itself, and each is answered after that. */
const togetherOn = once((pool: pg.Pool) =>
  batch((rows: readonly NewMessage[]) => storeTogether(pool, rows), gathered),
);

async function storeTogether(
  pool: pg.Pool,
  rows: readonly NewMessage[],
): Promise<(Accepted | Error)[]> {
  try {
    return await insertEach(pool, rows);
  } catch (error) {
    if (rows.length === 1 || isConnectionFault(error)) throw error;
    // What is wrong with one is nobody else's.
    return Promise.all(
      rows.map((row) =>
        storeTogether(pool, [row]).then(
          ([stored]) => stored ?? new Error('the message was not stored'),
          (alone: unknown) => (alone instanceof Error ? alone : new Error(String(alone))),
        ),
      ),
    );
  }
}

/** Accepts many, all or none, in one transaction. Problems name the message: `[3].data.total`. */
export async function acceptMessages(
  context: AcceptContext,
  tenant: string,
  payloads: readonly unknown[],
  { db, check, parent }: Options = {},
): Promise<Accepted[]> {
  const problems: Problem[] = [];
  let status: InvalidInput['status'] = 400;
  const rows = payloads.flatMap((payload, index) => {
    try {
      check?.(payload);
      return [newMessage(context, tenant, payload)];
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      status = error.status;
      problems.push(
        ...error.problems.map(({ path, message }) => ({ path: `[${index}].${path}`, message })),
      );
      return [];
    }
  });
  if (problems.length > 0) throw new InvalidInput(problems, status);
  const accepted = await traced(context, parent, rows, (all) =>
    db ? insertMessages(db, all) : transaction(context.pool, (own) => insertMessages(own, all)),
  );
  tellDue(context.pool, db === undefined);
  return accepted;
}

/** Every check that needs no template. `to.email` is the address exactly as the envelope will say it. */
export function checkRequest(payload: unknown): CheckedRequest {
  const parsed = MessageRequest.safeParse(payload, { reportInput: true });
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error));
  const { to, sendAt, expiresAt, data } = parsed.data;
  const beyond = dataProblems(data);
  if (beyond.length > 0) throw new InvalidInput(beyond);
  if (
    sendAt !== undefined &&
    expiresAt !== undefined &&
    Date.parse(expiresAt) <= Date.parse(sendAt)
  )
    throw new InvalidInput([{ path: 'expiresAt', message: 'must be later than sendAt' }]);
  if (to.email === undefined) return parsed.data;
  const address = parseAddress(to.email);
  if (address.kind === 'ok') return { ...parsed.data, to: { ...to, email: address.value.address } };
  throw new InvalidInput(
    [{ path: 'to.email', message: address.message }],
    // Good mail, which another transport could deliver.
    address.kind === 'needs-smtputf8' ? 422 : 400,
  );
}

/**
 * Checks one message request and makes it a row, ready to be stored. The data must fit the template's schema now, and is read again
 * when the mail is sent if that is another one by then.
 */
function newMessage(context: AcceptContext, tenant: string, payload: unknown): NewMessage {
  const request = checkRequest(payload);
  const template = context.templates.find(({ name }) => name === request.template);
  if (!template) {
    throw new InvalidInput([
      {
        path: 'template',
        message: `there is no template "${request.template}"; there are ${namesOf(context.templates)}`,
      },
    ]);
  }
  const data = template.schema.safeParse(request.data);
  const problems: Problem[] = data.success ? [] : problemsOf(data.error, ['data']);
  const brand = chooseBrand(request.brand, context, problems);
  if (brand) problems.push(...notTheirs(template, brand, context.templates));
  if (!data.success || !brand || problems.length > 0) throw new InvalidInput(problems);

  return {
    id: uuidv7(),
    tenant,
    idempotencyKey: request.idempotencyKey ?? null,
    requestHash: hashRequest(request),
    lane: 'transactional',
    template: template.name,
    brand: brand.id,
    memberId: request.to.memberId ?? null,
    email: request.to.email ?? null,
    name: request.to.name ?? null,
    locale: request.locale ?? null,
    ...dataKept(template.schema, request.data, data.data),
    about: [...new Set([...(template.about?.(data.data) ?? []), ...(request.about ?? [])])],
    sendAt: request.sendAt === undefined ? null : new Date(request.sendAt),
    after: afterOf(request.after),
    expiresAt: request.expiresAt === undefined ? null : new Date(request.expiresAt),
    wantedVersion: request.templateVersion === 'live' ? null : (request.templateVersion ?? null),
  };
}

/**
 * Data as its schema leaves it (defaults filled in, what it doesn't know left out), where that parses to itself: it need not be parsed
 * again when the mail is made. Else as it was given: a text that becomes a date.
 */
function dataKept(
  schema: Template['schema'],
  given: Record<string, unknown>,
  parsed: Record<string, unknown>,
): Pick<NewMessage, 'data' | 'parsedBy'> {
  const settled = isSameJson(parsed, given) || isSameJson(schema.safeParse(parsed).data, parsed);
  return settled
    ? { data: parsed, parsedBy: schemaFingerprint(schema) }
    : { data: given, parsedBy: null };
}

const namesOf = (templates: readonly Template[]) => templates.map(({ name }) => name).join(', ');

function afterOf(after: CheckedRequest['after']): After | null {
  if (!after) return null;
  const { source, eventId, ledgerVersion, waitSeconds } = after;
  const wait = waitSeconds === undefined ? {} : { waitSeconds };
  if (source !== undefined && eventId !== undefined) return { source, eventId, ...wait };
  return ledgerVersion === undefined ? null : { ledgerVersion, ...wait };
}

type KnownBrand = Pick<Brand, 'id'> & Partial<Pick<Brand, 'trades'>>;

function chooseBrand(
  wanted: string | undefined,
  { brands, config }: AcceptContext,
  problems: Problem[],
): KnownBrand | undefined {
  const known = [...brands.keys()];
  const id = wanted ?? config.defaultBrand ?? (known.length === 1 ? known[0] : undefined);
  const found = id === undefined ? undefined : brands.get(id)?.brand;
  if (found) return found;
  problems.push({
    path: 'brand',
    message:
      id === undefined
        ? `is needed here: this installation has ${known.join(', ')} and no default brand`
        : `there is no brand "${id}"; there are ${known.join(', ')}`,
  });
  return undefined;
}

/** A template the brand hasn't got. */
function notTheirs(
  template: Template,
  brand: KnownBrand,
  templates: readonly Template[],
): Problem[] {
  if (isFor(template, brand)) return [];
  const theirs = namesOf(templates.filter((one) => isFor(one, brand)));
  return [
    { path: 'template', message: `"${brand.id}" has no "${template.name}"; it has ${theirs}` },
  ];
}

/** The same for the same request, however its keys are ordered; the key itself is not part of it. */
function hashRequest(request: { readonly idempotencyKey?: string | undefined }): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys({ ...request, idempotencyKey: undefined })))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
