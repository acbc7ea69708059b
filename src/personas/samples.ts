import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import { isRecord } from '../core/is-record.ts';
import { valueAt } from './what-if.ts';

/** What a persona has to fill samples with, by group: what there is nothing of is left out. */
export type OwnFacts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Data of one message, to try a template with. */
export type Sample = {
  /** Kebab case, for addresses such as `?sample=sixty-lines`. */
  readonly id: string;
  readonly title: string;
  /** Personas it is the first choice of; for everybody else it is the template's usual one. */
  readonly personas: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
  /** Paths in its data that are the persona's own, where the persona has such a thing. */
  readonly own: Readonly<Record<string, string>>;
};

/** `fixtures/<brand>/samples/<template>/<id>.json`: the usual sample, but for this. */
export const Variation = z.strictObject({
  title: z.string().min(1),
  personas: z.array(z.string()).default([]),
  /** Merged into the usual data as JSON merge patches are: null takes a value away, a list replaces one. */
  with: z.record(z.string(), z.unknown()).default({}),
  /** By list: how many entries it is to have, those there are in turn. */
  repeat: z.record(z.string(), z.int().min(0).max(1000)).default({}),
  own: z.record(z.string(), z.string()).default({}),
});
export type Variation = z.infer<typeof Variation>;

/** `fixtures/own.json`, `fixtures/<brand>/own.json`: by template, which of its data are the persona's own: `{ "shipped": { "orderId": "{order.id}" } }`. */
export const Own = z.record(z.string(), z.record(z.string(), z.string()));

type Data = Readonly<Record<string, unknown>>;

/** @param usual the template's own sample */
export function variedSample(id: string, usual: Sample, varied: Variation): Sample {
  const merged = mergePatch(usual.data, varied.with);
  const data = Object.entries(varied.repeat).reduce((all, [path, count]) => {
    const list = valueAt(all, path);
    if (!Array.isArray(list)) return all;
    return withValue(
      all,
      path,
      Array.from({ length: count }, (_, index): unknown => list[index % list.length]),
    );
  }, asData(merged));
  const said = Object.keys(varied.with);
  // What the variation says itself is not asked of the persona.
  const own = Object.fromEntries(
    Object.entries(usual.own).filter(([path]) => !said.includes(path.split('.')[0] ?? '')),
  );
  const { title, personas } = varied;
  return { id, title, personas, data, own: { ...own, ...varied.own } };
}

/** The sample that is this persona's, or the usual one. */
export const sampleFor = (samples: readonly Sample[], persona: string): Sample | undefined =>
  samples.find(({ personas }) => personas.includes(persona)) ?? samples[0];

/**
 * Its data for one persona: names, orders, figures are theirs. What a persona has nothing of stays as the sample has it;
 * paths that are filled from one thing (`{bonus.id}`, `{bonus.useBy}`) are filled together or not at all.
 */
export function filledSample({ data, own }: Sample, facts: OwnFacts): Data {
  const groups = new Map<string, [path: string, value: unknown][]>();
  const lacking = new Set<string>();
  for (const [path, text] of Object.entries(own)) {
    const group = /\{(\w+)\./.exec(text)?.[1] ?? '';
    const value = filled(text, facts);
    if (value === undefined || value === null) lacking.add(group);
    else groups.set(group, [...(groups.get(group) ?? []), [path, value]]);
  }
  return [...groups]
    .filter(([group]) => !lacking.has(group))
    .flatMap(([, values]) => values)
    .reduce<Data>((all, [path, value]) => withValue(all, path, value), data);
}

/** `{year.figures}` is the thing itself; among other words, its text. */
function filled(text: string, facts: OwnFacts): unknown {
  const whole = /^\{([\w.]+)\}$/.exec(text)?.[1];
  if (whole !== undefined) return valueAt(facts, whole);
  const parts = [...text.matchAll(/\{([\w.]+)\}/g)].map(([, path = '']) => valueAt(facts, path));
  if (parts.some((part) => part === undefined || part === null)) return undefined;
  let index = 0;
  return text.replace(/\{[\w.]+\}/g, () => String(parts[index++]));
}

/** A copy with another value at a path such as `items.0.name`; undefined takes it away. */
export function withValue(data: Data, path: string, value: unknown): Data {
  return asData(changed(data, path.split('.'), value));
}

function changed(holder: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(holder)) {
    const list: unknown[] = [...holder];
    const next = changed(list[Number(key)], rest, value);
    if (next === undefined) list.splice(Number(key), 1);
    else list[Number(key)] = next;
    return list;
  }
  const next = changed(valueAt(holder, key), rest, value);
  const others = Object.entries(asData(holder)).filter(([name]) => name !== key);
  const before = Object.entries(asData(holder));
  if (next === undefined) return Object.fromEntries(others);
  return before.some(([name]) => name === key)
    ? Object.fromEntries(before.map(([name, old]) => [name, name === key ? next : old]))
    : Object.fromEntries([...others, [key, next]]);
}

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** What makes `after` of `before`, the other way about. What is null can't be told from what isn't there. */
export function mergePatchOf(before: unknown, after: unknown): unknown {
  if (!isRecord(after)) return after ?? null;
  const base = isRecord(before) ? before : {};
  return Object.fromEntries(
    Object.keys({ ...base, ...after })
      .filter((key) => !isDeepStrictEqual(base[key], after[key]))
      .map((key) => [key, mergePatchOf(base[key], after[key])]),
  );
}

const asData = (value: unknown): Data => (isRecord(value) ? value : {});
