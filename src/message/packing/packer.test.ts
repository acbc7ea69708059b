import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { freshDatabase } from '../../../test/database.ts';
import { commonText, type Sample } from './common-text.ts';
import { unpacked } from './dictionaries.ts';
import { dictionaryOf, pack, unpack } from './pack.ts';
import { openPacker } from './packer.ts';

const database = await freshDatabase();
const { pool } = database;
afterAll(() => database.close());
beforeEach(() => pool.query('truncate laurel.pack_dictionaries'));

const sizes = (all: readonly Buffer[]) => all.reduce((sum, { length }) => sum + length, 0);

/** Orders alike, of people of their own; `now` is what changes with the catalogue. */
const orders = (count: number, now = 'espresso', from = 0): Sample[] =>
  Array.from({ length: count }, (_, at) => ({
    of: `member-${from + at}`,
    text: JSON.stringify({
      orderId: `J-${from + at}-${(from + at) * 7919}`,
      items: Array.from({ length: 4 }, (__, item) => ({
        productId: `${now}-${item}`,
        imageUrl: `https://www.juniper.example/pictures/${now}-of-the-season-${item}.png`,
        note: `For Persephone${from + at}`,
        quantity: (at + item) % 3,
      })),
    }),
  }));

describe('what is packed', () => {
  it('is the same again, whatever it is and by whatever it was packed', () => {
    let smaller = 0;
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ stringUnit: 'binary' }), { minLength: 1, maxLength: 30 }),
        fc.jsonValue({ stringUnit: 'binary' }),
        (values, other) => {
          const texts = values.map((value) => JSON.stringify(value));
          const samples = texts.flatMap((text) =>
            Array.from({ length: 5 }, (_, of) => ({ of: `${of}`, text })),
          );
          const dictionary = dictionaryOf(commonText(samples));
          for (const text of [...texts, JSON.stringify(other), '']) {
            expect(unpack(pack(text, null), null)).toBe(text);
            const packed = pack(text, dictionary);
            expect(unpack(packed, dictionary)).toBe(text);
            if (packed.length < pack(text, null).length) smaller += 1;
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(smaller).toBeGreaterThan(300);
  });

  it('needs a fraction of the room once a dictionary was made, and stays readable when another one is', async () => {
    const packer = openPacker(pool);
    const kinds = async (kind: string, samples: readonly Sample[]) =>
      packer(samples.map((sample) => ({ ...sample, kind })));
    const first = orders(95);
    const unlearned = await kinds('data x', first);
    const learned = await kinds('data x', orders(200, 'espresso', 95));
    expect(sizes(learned) / learned.length).toBeLessThan(0.5 * (sizes(unlearned) / 95));
    // Of another kind nothing is known.
    const [alone] = await kinds('data y', orders(1));
    expect(alone?.length).toBeGreaterThan(2 * (learned[0]?.length ?? 0));

    // Another process takes what the first one made, and a better one when what is sold is something else.
    const second = openPacker(pool);
    const changed = orders(96, 'winter-chocolate', 500).map((one) => ({ ...one, kind: 'data x' }));
    const [before] = await second(changed.slice(0, 1));
    const after = await second(changed.slice(1));
    expect(after[50]?.length).toBeLessThan(0.75 * (before?.length ?? 0));

    const { rows } = await pool.query('select from laurel.pack_dictionaries');
    expect(rows).toHaveLength(2);
    const texts = [...first, ...orders(200, 'espresso', 95), ...changed].map(({ text }) => text);
    const packed = [...unlearned, ...learned, ...(before ? [before] : []), ...after];
    expect(await Promise.all(packed.map((one) => unpacked(pool, one)))).toEqual(texts);
  });

  it('is readable also after the database lost its last moments: what was made is written down again', async () => {
    const packer = openPacker(pool);
    await packer(orders(96).map((one) => ({ ...one, kind: 'data lost' })));
    await pool.query('truncate laurel.pack_dictionaries');
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 61_000);
    await packer(orders(1).map((one) => ({ ...one, kind: 'data lost' })));
    clock.mockRestore();
    const { rows } = await pool.query('select kind from laurel.pack_dictionaries');
    expect(rows).toEqual([{ kind: 'data lost' }]);
  });
});

describe('a dictionary', () => {
  it('says nothing that is not said alike to five people', () => {
    const words = fc.constantFrom('Berlin', 'Lisboa', 'Persephone', 'a@b.example', '12345678');
    const value = fc.oneof(words, fc.string({ minLength: 4, maxLength: 12 }), fc.integer());
    const document = fc.dictionary(fc.constantFrom('city', 'name', 'note', 'lines'), value);
    let said = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(12), document, fc.array(document, { maxLength: 3 })), {
          minLength: 20,
          maxLength: 60,
        }),
        (all) => {
          const samples = all.map(([of, fields, list]) => ({
            of: `${of}`,
            text: JSON.stringify({ ...fields, list }),
          }));
          const dictionary = commonText(samples);
          // Read by words: whoever it is about, however it came in.
          for (const word of dictionary.match(/"[^"\\]{4,}"/g) ?? []) {
            const people = new Set(
              samples.filter(({ text }) => text.includes(word)).map(({ of }) => of),
            );
            expect([word, people.size >= 5]).toEqual([word, true]);
            said += 1;
          }
        },
      ),
      { numRuns: 100 },
    );
    expect(said).toBeGreaterThan(300);
  });

  it('is the same whatever one person says, and however often', () => {
    const alike = orders(60).map((one, at) => ({ ...one, of: `member-${at % 4}` }));
    expect(commonText(alike)).toBe('');
    const many = commonText(orders(60));
    expect(many).toContain('https://www.juniper.example/pictures/espresso-of-the-season-0.png');
    expect(many).not.toContain('Persephone');
    expect(many).not.toContain('J-1');
  });
});
