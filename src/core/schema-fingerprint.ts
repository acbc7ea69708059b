import { createHash } from 'node:crypto';

import { z } from 'zod';

import { isRecord } from './is-record.ts';
import { once } from './once.ts';

/**
 * What a schema asks for, as a whole number of 64 bits in decimal: another one as soon as a field, a bound, a pattern or the text of a check is
 * another. Who keeps it beside what was parsed needn't parse that again while it is the same. What a check looks up outside
 * of itself isn't seen.
 */
export const schemaFingerprint = once((schema: z.ZodType): string => {
  const digest = createHash('sha256').update(describe(schema)).digest();
  return digest.readBigInt64BE().toString();
});

/** Everything a schema is defined by, in one text; what contains itself is named by its place. */
function describe(schema: z.ZodType): string {
  const places = new Map<object, number>();
  const parts: string[] = [`zod ${Object.values(z.core.version).join('.')}`];
  const add = (value: unknown): void => {
    if (typeof value === 'function') return void parts.push(`function ${value.toString()}`);
    if (typeof value !== 'object' || value === null) return void parts.push(scalar(value));
    const place = places.get(value);
    if (place !== undefined) return void parts.push(`#${place}`);
    places.set(value, places.size);
    if (value instanceof Date) return void parts.push(`date ${value.getTime()}`);
    if (value instanceof RegExp) return void parts.push(`pattern ${String(value)}`);
    parts.push('{');
    for (const [key, inner] of entriesOf(value)) {
      parts.push(JSON.stringify(key));
      add(inner);
    }
    parts.push('}');
  };
  add(schema);
  return parts.join('\n');
}

const scalar = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;

/** Of a schema or a check its definition: the rest of it is made from that. */
function entriesOf(value: object): Iterable<readonly [string, unknown]> {
  if (value instanceof Map || value instanceof Set)
    return Array.from(value.entries(), ([key, inner]) => [String(key), inner] as const);
  const def = definitionOf(value);
  if (def === undefined) return Object.entries(value);
  // A lazy schema is what it gives.
  return Object.entries(
    def.type === 'lazy' && typeof def.getter === 'function'
      ? { type: 'lazy', is: def.getter() }
      : def,
  );
}

function definitionOf(value: object): Record<string, unknown> | undefined {
  const internals: unknown = Reflect.get(value, '_zod');
  const def: unknown = isRecord(internals) ? internals['def'] : undefined;
  return isRecord(def) ? def : undefined;
}
