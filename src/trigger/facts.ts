import type { Condition } from '../brand/triggers.ts';
import { isRecord } from '../core/is-record.ts';

/** What a trigger's conditions and data read: `event`, `tier`, `points` or `birthday`, and `member`. */
export type Facts = Readonly<Record<string, unknown>>;

const inner = (value: unknown, name: string): unknown => {
  if (Array.isArray(value)) return /^\d{1,6}$/.test(name) ? value[Number(name)] : undefined;
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
};

const valueAt = (facts: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>(inner, facts);

/** Whether an event is as the condition says; a field that isn't there is nothing that could be. */
export function holds({ field, ...needs }: Condition, event: unknown): boolean {
  const value = valueAt(event, field);
  const isOneOf = (list: readonly unknown[]) => list.includes(value);
  return (
    (needs.in === undefined || isOneOf(needs.in)) &&
    (needs.notIn === undefined || !isOneOf(needs.notIn)) &&
    (needs.atLeast === undefined || (typeof value === 'number' && value >= needs.atLeast)) &&
    (needs.atMost === undefined || (typeof value === 'number' && value <= needs.atMost))
  );
}

const placeholder = /\{([A-Za-z]\w*(?:\.\w+)*)\}/g;

/** The paths that data name. */
export const pathsIn = (data: unknown): string[] =>
  typeof data === 'string'
    ? [...data.matchAll(placeholder)].flatMap(([, path]) => path ?? [])
    : typeof data === 'object' && data !== null
      ? Object.values(data).flatMap(pathsIn)
      : [];

const written = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';

/** Data with what the facts say in place of `{…}`: alone it keeps its kind, within a text it is written; what isn't there is left out. */
export function filled(data: unknown, facts: Facts): unknown {
  if (typeof data === 'string') {
    const [whole, path] = /^\{([A-Za-z]\w*(?:\.\w+)*)\}$/.exec(data) ?? [];
    if (whole !== undefined && path !== undefined) return valueAt(facts, path);
    return data.replace(placeholder, (_, one: string) => written(valueAt(facts, one)));
  }
  if (Array.isArray(data)) return data.map((one) => filled(one, facts));
  if (!isRecord(data)) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, one]) => {
      const value = filled(one, facts);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
