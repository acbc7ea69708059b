import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { fixtureBrands } from '../../fixtures/persona.ts';
import { templates } from '../../templates/index.ts';
import { freshDatabase } from '../../test/database.ts';
import type { Template } from '../contract/template.ts';
import { InvalidInput } from '../core/errors.ts';
import { defineTemplate } from '../decision/define-template.ts';
import { parseData } from '../decision/prepare.ts';
import { readFixtures } from '../personas/fixtures.ts';
import { acceptMessage } from './accept.ts';
import { loadAccepts } from './accepted-templates.ts';
import { readMessage } from './rows/stored-message.ts';
import { saveAccepts } from './save-accepts.ts';

const database = await freshDatabase();
afterAll(() => database.close());

/** The message as it is claimed. */
async function accepted(all: readonly Template[], brand: string, template: string, data: unknown) {
  const context = {
    pool: database.pool,
    templates: all,
    brands: new Map([[brand, { brand: { id: brand } }]]),
    config: {},
  };
  const request = { template, brand, to: { email: 'ana@mail.example' }, data };
  const { id } = await acceptMessage(context, 'main', request);
  const message = await readMessage(database.pool, 'main', id);
  if (!message) throw new Error('it was not stored');
  return message;
}

const simple = (schema: z.ZodType<Record<string, unknown>>) =>
  defineTemplate({
    name: 'simple',
    title: 'Simple',
    class: 'transactional',
    onUnknown: 'resend',
    schema,
    blocks: [],
    headline: () => ({ subject: 'x', preheader: 'y' }),
  });

describe('data that was parsed when it was accepted', () => {
  it('is what parsing it gives, for every sample of every template', async () => {
    let [looked, trusted] = [0, 0];
    for (const brand of fixtureBrands) {
      const { samples } = await readFixtures(
        join(import.meta.dirname, '../../fixtures'),
        brand,
        templates.map(({ name }) => name),
      );
      for (const [name, some] of samples) {
        const definition = templates.find((one) => one.name === name);
        for (const { data } of definition ? some : []) {
          if (!definition?.schema.safeParse(data).success) continue;
          const message = await accepted(templates, brand, name, data);
          const read = parseData(definition, message.data, message.parsedBy);
          expect(read).toEqual(definition.schema.parse(JSON.parse(JSON.stringify(data))));
          looked += 1;
          // As it is, not another of the same.
          if (read === message.data) trusted += 1;
        }
      }
    }
    expect(looked).toBeGreaterThan(80);
    expect(trusted).toBe(looked);
  });

  it.each<[string, z.ZodType<Record<string, unknown>>, unknown]>([
    ['a default', z.object({ a: z.string().default('x') }), {}],
    ['blanks that are cut off', z.object({ a: z.string().trim() }), { a: ' x ' }],
    ['a text that becomes a number', z.object({ a: z.coerce.number() }), { a: '1' }],
    ['a field that is left out', z.object({ a: z.string() }), { a: 'x', b: 'y' }],
    ['a value for a wrong one', z.object({ a: z.string().catch('x') }), { a: 1 }],
  ])('is kept as its schema leaves it: %s', async (_, schema, data) => {
    const template = simple(schema);
    const message = await accepted([template], 'juniper', 'simple', data);
    expect(message.data).toEqual(schema.parse(data));
    expect(parseData(template, message.data, message.parsedBy)).toBe(message.data);
  });

  it.each<[string, z.ZodType<Record<string, unknown>>, unknown]>([
    ['into a date', z.object({ a: z.coerce.date() }), { a: '2026-01-01' }],
    ['into another kind', z.object({ a: z.string().transform((a) => a.length) }), { a: 'x' }],
    ['a bit each time', z.object({ a: z.number().transform((a) => a + 1) }), { a: 1 }],
    ['into nothing', z.object({ a: z.string().transform(() => undefined) }), { a: 'x' }],
    ['into no number', z.object({ a: z.number().transform(() => Infinity) }), { a: 1 }],
  ])('is kept as it was given where it would change again: %s', async (_, schema, data) => {
    const template = simple(schema);
    const message = await accepted([template], 'juniper', 'simple', data);
    expect(message).not.toHaveProperty('parsedBy');
    expect(message.data).toEqual(data);
    expect(parseData(template, message.data, message.parsedBy)).toEqual(schema.parse(data));
  });

  it('is parsed again by another schema', async () => {
    const before = simple(z.object({ a: z.string() }));
    const message = await accepted([before], 'juniper', 'simple', { a: 'xyz' });
    expect(parseData(before, message.data, message.parsedBy)).toBe(message.data);
    const stricter = simple(z.object({ a: z.string().max(2) }));
    expect(() => parseData(stricter, message.data, message.parsedBy)).toThrow(InvalidInput);
    const changing = simple(z.object({ a: z.string().toUpperCase() }));
    expect(parseData(changing, message.data, message.parsedBy)).toEqual({ a: 'XYZ' });
  });

  it('is parsed again once it was changed', async () => {
    const template = simple(z.object({ a: z.string() }));
    const { id } = await accepted([template], 'juniper', 'simple', { a: 'x' });
    await database.pool.query(
      `update laurel.messages set data = data || '{"a": null}' where id = $1`,
      [id],
    );
    const message = await readMessage(database.pool, 'main', id);
    expect(() => parseData(template, message?.data ?? {}, message?.parsedBy)).toThrow(InvalidInput);
    await database.pool.query(`update laurel.messages set data = '{"a": "x"}' where id = $1`, [id]);
    const mended = await readMessage(database.pool, 'main', id);
    expect(parseData(template, mended?.data ?? {}, mended?.parsedBy)).toBe(mended?.data);
  });

  it('is parsed by the code where a producer without that code handed it in', async () => {
    const coded = simple(z.object({ a: z.string().refine((a) => a !== 'bad') }));
    await saveAccepts(database.pool, [coded], [{ id: 'juniper', trades: [] }]);
    const { templates: known } = await loadAccepts(database.pool);
    const good = await accepted(known, 'juniper', 'simple', { a: 'x', b: 'y' });
    expect(parseData(coded, good.data, good.parsedBy)).toEqual({ a: 'x' });
    const bad = await accepted(known, 'juniper', 'simple', { a: 'bad' });
    expect(() => parseData(coded, bad.data, bad.parsedBy)).toThrow(InvalidInput);
  });
});
