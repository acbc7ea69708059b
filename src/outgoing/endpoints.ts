import { z } from 'zod';

import { codeOf } from '../core/code-of.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { parseUrl } from '../core/parse-url.ts';
import { problemsOf } from '../core/problems.ts';
import type { Db } from '../postgres/pool.ts';
import { retry } from '../postgres/retry.ts';
import { column, defineTable, readRows } from '../postgres/table.ts';
import { addressGuard } from '../profile/sources/address-guard.ts';
import { typesOf, webhookPatterns } from './event-types.ts';

/** @public for the comparison with the table itself */
export const webhookEndpoints = defineTable('webhook_endpoints', {
  tenant: column.text(),
  name: column.text(),
  types: column.textArray(),
});

/** As Standard Webhooks writes it: 24 to 64 random bytes. */
const SigningSecret = z
  .string()
  .regex(
    /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/,
    'must be whsec_ and 24 to 64 random bytes in base64, such as "whsec_$(openssl rand -base64 32)"',
  );

/** One entry of `endpoints` in WEBHOOKS_FILE. */
const WrittenEndpoint = z.strictObject({
  url: z.string().max(2_000),
  /** Each signs: a new one is added, and the old one taken away once the receiver has the new one. */
  secrets: z.array(SigningSecret).min(1).max(3),
  events: z
    .array(
      z
        .string()
        .refine(
          (one) => webhookPatterns.includes(one),
          `must be one of ${webhookPatterns.join(', ')}`,
        ),
    )
    .min(1),
  tenant: z.string().min(1).optional(),
  /** Addresses as they are, not masked. */
  personalData: z.boolean().default(false),
});

/** The part of WEBHOOKS_FILE that says who is told what. */
const Endpoints = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'must be lower-case letters, digits and hyphens'),
  WrittenEndpoint,
);

export type Endpoint = {
  readonly name: string;
  readonly tenant: string;
  readonly url: URL;
  readonly secrets: readonly string[];
  readonly types: readonly string[];
  readonly personalData: boolean;
};

/**
 * Endpoints as the file has them, checked.
 * @param networks may be reached although they are private, and without TLS
 * @throws InvalidInput naming every field that is wrong; secrets are never repeated
 */
export function readEndpoints(
  written: unknown,
  defaultTenant: string,
  networks: readonly string[],
): readonly Endpoint[] {
  const parsed = Endpoints.safeParse(written ?? {});
  if (!parsed.success)
    throw new InvalidInput(
      problemsOf(parsed.error).map(({ path, message }) => inFile(path, message)),
    );
  const guard = addressGuard(networks);
  const problems: Problem[] = [];
  const endpoints = Object.entries(parsed.data).flatMap(([name, one]) => {
    const url = parseUrl(one.url);
    const objection = url === null ? 'must be an https address' : objectionTo(url, networks, guard);
    if (url === null || objection !== null) {
      problems.push(inFile(`${name}.url`, objection ?? ''));
      return [];
    }
    const { secrets, personalData, tenant = defaultTenant } = one;
    return [{ name, tenant, url, secrets, personalData, types: typesOf(one.events) }];
  });
  if (problems.length > 0) throw new InvalidInput(problems);
  return endpoints;
}

const inFile = (path: string, message: string): Problem => ({
  path: `WEBHOOKS_FILE endpoints.${path}`,
  message,
});

function objectionTo(
  { protocol, hostname, username, password }: URL,
  networks: readonly string[],
  guard: ReturnType<typeof addressGuard>,
): string | null {
  if (username !== '' || password !== '')
    return 'must not hold a login: receivers know us by the signature';
  if (protocol !== 'https:' && (protocol !== 'http:' || networks.length === 0))
    return 'must be an https address; http is for ALLOWED_NETWORKS';
  const objection = guard.hostObjection(hostname, protocol === 'http:');
  return objection === null ? null : `${objection}; see ALLOWED_NETWORKS`;
}

/** Writes down who is told what: from now on facts are told to these, and to nobody else. */
export async function saveEndpoints(db: Db, endpoints: readonly Endpoint[]): Promise<void> {
  const wanted = endpoints
    .map(({ tenant, name, types }) => ({ tenant, name, types }))
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const known = (await readRows(db, webhookEndpoints)).toSorted((one, other) =>
    keyOf(one) < keyOf(other) ? -1 : 1,
  );
  // Switching triggers waits for whoever writes just now: only where something has changed.
  if (JSON.stringify(known) === JSON.stringify(wanted)) return;
  const store = () => db.query('select laurel.set_webhook_endpoints($1)', [JSON.stringify(wanted)]);
  await retry(store, isOutwaited, rounds);
}

/** A start among busy workers needs their tables in a moment when none of them waits for another one. */
const rounds = 10;
/** A deadlock, or a lock that took too long: nothing was changed. */
const isOutwaited = (error: unknown): boolean => ['40P01', '55P03'].includes(codeOf(error));

const keyOf = ({ tenant, name }: Pick<Endpoint, 'tenant' | 'name'>) => `${tenant}\n${name}`;
