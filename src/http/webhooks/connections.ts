import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { z } from 'zod';

import { codeOf } from '../../core/code-of.ts';
import { InvalidInput, type Problem } from '../../core/errors.ts';
import { parsePayload } from '../../core/payload.ts';
import { problemsOf } from '../../core/problems.ts';
import { Secret } from '../../core/secret.ts';
import type { Connection, Receiver, WebhookAdapter } from './adapter.ts';

const File = z.strictObject({
  connections: z
    .record(
      z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'must be lower-case letters, digits and hyphens'),
      z.looseObject({
        adapter: z.string(),
        tenant: z.string().min(1).optional(),
        brand: z.string().min(1).optional(),
        secrets: z.array(Secret(16)).default([]),
      }),
    )
    .default({}),
  /** Who is told what: src/outgoing/endpoints.ts. */
  endpoints: z.unknown().optional(),
});

export type OpenConnection = Connection & { readonly adapter: string; readonly receiver: Receiver };

/**
 * Reads the file that lists who may send webhooks. Files it names lie beside it.
 * @param defaultTenant of connections that name none
 * @throws InvalidInput naming every field that is wrong; secrets are never repeated
 */
export function loadConnections(
  path: string,
  adapters: readonly WebhookAdapter[],
  brands: readonly string[],
  defaultTenant: string,
): ReadonlyMap<string, OpenConnection> {
  const folder = dirname(path);
  const { connections } = readWebhooksFile(path);
  const problems: Problem[] = [];
  const opened = Object.entries(connections).flatMap(([name, fields]) => {
    const { adapter: kind, tenant = defaultTenant, brand = '', secrets, ...options } = fields;
    const at = `connections.${name}`;
    const adapter = adapters.find((one) => one.name === kind);
    if (!adapter) {
      const known = adapters.map((one) => one.name).join(', ');
      problems.push({ path: `${at}.adapter`, message: `must be one of ${known}` });
      return [];
    }
    if (adapter.brandless ? brand !== '' && !brands.includes(brand) : !brands.includes(brand)) {
      problems.push({ path: `${at}.brand`, message: `must be one of ${brands.join(', ')}` });
      return [];
    }
    if (secrets.length === 0 && !adapter.secretless) {
      problems.push({ path: `${at}.secrets`, message: 'needs at least one secret' });
      return [];
    }
    const connection = { name, tenant, brand, secrets };
    try {
      const readFile = (file: string) => readOrRefuse(resolve(folder, file));
      const receiver = adapter.open(connection, options, readFile);
      return [{ ...connection, adapter: kind, receiver }];
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(...error.problems.map((one) => ({ ...one, path: `${at}.${one.path}` })));
      return [];
    }
  });
  if (problems.length > 0) throw new InvalidInput(problems.map(inFile));
  return new Map(opened.map((one) => [`${one.adapter}/${one.name}`, one]));
}

/** What WEBHOOKS_FILE says; of the endpoints, which have a reader of their own, as it stands there. @throws InvalidInput */
export function readWebhooksFile(path: string): z.output<typeof File> {
  const parsed = File.safeParse(parsePayload(readOrRefuse(path), { maxBytes: 1_000_000 }), {
    reportInput: true,
  });
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error).map(inFile));
  return parsed.data;
}

const inFile = ({ path, message }: Problem): Problem => ({
  path: `WEBHOOKS_FILE ${path}`,
  message,
});

function readOrRefuse(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error) || String(error);
    throw new InvalidInput([{ path, message: `cannot be read: ${code}` }]);
  }
}
