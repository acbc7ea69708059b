import { expect, it } from 'vitest';
import { z } from 'zod';

import { schemaFingerprint } from './schema-fingerprint.ts';

const one = (a: z.ZodType) => z.object({ a });
type Tree = { readonly children: readonly Tree[] };
const tree = (least: number): z.ZodType<Tree> => {
  const node: z.ZodType<Tree> = z.object({ children: z.array(z.lazy(() => node)).min(least) });
  return node;
};

/** Each a schema of its own, by what only a look at all of its definition tells apart. */
const schemas: readonly (() => z.ZodType)[] = [
  () => one(z.string()),
  () => z.object({ b: z.string() }),
  () => z.strictObject({ a: z.string() }),
  () => z.looseObject({ a: z.string() }),
  () => one(z.string().max(3)),
  () => one(z.string().max(4)),
  () => one(z.string().min(3)),
  () => one(z.string().optional()),
  () => one(z.string().nullable()),
  () => one(z.string().default('x')),
  () => one(z.string().default('y')),
  () => one(z.string().catch('x')),
  () => one(z.string().regex(/x/)),
  () => one(z.string().regex(/x/i)),
  () => one(z.string().refine((text) => text > '1')),
  () => one(z.string().refine((text) => text > '2')),
  () => one(z.string().transform((text) => `${text}1`)),
  () => one(z.string().transform((text) => `${text}2`)),
  () => one(z.string().trim()),
  () => one(z.string().toLowerCase()),
  () => one(z.string().overwrite((text) => text.trim())),
  () => one(z.string().pipe(z.string().max(3))),
  () => one(z.enum(['a', 'b'])),
  () => one(z.enum(['a', 'c'])),
  () => one(z.literal('a')),
  () => one(z.literal(1)),
  () => one(z.literal('1')),
  () => one(z.number()),
  () => one(z.coerce.number()),
  () => one(z.int()),
  () => one(z.number().multipleOf(2)),
  () => one(z.number().positive()),
  () => one(z.number().nonnegative()),
  () => one(z.bigint().min(1n)),
  () => one(z.bigint().min(2n)),
  () => one(z.date().min(new Date(1))),
  () => one(z.date().min(new Date(2))),
  () => one(z.url()),
  () => one(z.iso.datetime()),
  () => one(z.iso.datetime({ offset: true })),
  () => one(z.array(z.string())),
  () => one(z.array(z.string()).min(1)),
  () => one(z.array(z.int())),
  () => one(z.record(z.string(), z.int())),
  () => one(z.record(z.string(), z.string())),
  () => one(z.record(z.enum(['x']), z.string())),
  () => one(z.tuple([z.string()])),
  () => one(z.tuple([z.string(), z.int()])),
  () => one(z.tuple([z.string()], z.int())),
  () => one(z.union([z.string(), z.int()])),
  () => one(z.union([z.int(), z.string()])),
  () => one(z.intersection(z.object({ x: z.string() }), z.object({ y: z.string() }))),
  () =>
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a') }),
      z.object({ kind: z.literal('b') }),
    ]),
  () => z.object({ a: z.string() }).refine(({ a }) => a !== ''),
  () => one(z.lazy(() => z.string())),
  () => one(z.lazy(() => z.int())),
  () => tree(0),
  () => tree(1),
];

it('is the same for the same schema, and another for each other one', () => {
  const known = schemas.map((make) => {
    const fingerprint = schemaFingerprint(make());
    expect(schemaFingerprint(make())).toBe(fingerprint);
    expect(BigInt.asIntN(64, BigInt(fingerprint)).toString()).toBe(fingerprint);
    return fingerprint;
  });
  expect(known.length).toBeGreaterThan(50);
  const twice = schemas.filter((_, at) => known.indexOf(known[at] ?? '') !== at);
  expect(twice.map(String)).toEqual([]);
});
