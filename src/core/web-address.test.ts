import { readdirSync, readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { webAddress } from './web-address.ts';

const https = webAddress('https');
const hostile = [
  'https://shop.example@evil.example/',
  'https://shop.example:443@evil.example/',
  'https://@evil.example/',
  'https://shop.example%40x@evil.example',
  'https:\\\\evil.example/',
  'https://shop.example\\@evil.example/',
  'https:/evil.example/',
  'https:evil.example',
  'https:///evil.example/',
  '//evil.example/',
  'https://shop.example/\tx',
  'https://shop.\nexample/',
  ' https://shop.example/',
  'https://shop.example/\u202e',
  'https://192.0.2.7/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://localhost/',
  'javascript:alert(1)//https://shop.example',
  'http://shop.example/',
  'https://ⓢhop.example/',
  'https://ｓｈｏｐ.example/',
  'https://shop。example/x',
  'https://ſhop.example:8443/',
  'https://shop.ex㎏ample?x',
  'https://shop%2eexample/',
  'https://',
];

it.each(hostile)('X10: refuses %j', (text) => {
  expect(https.safeParse(text).success).toBe(false);
});

it.each([
  'https://shop.example',
  'https://shop.example/orders/1001?mail=ana@mail.example#a@b',
  'HTTPS://Shop.Example:8443/@ana',
  'https://münchen.example/straße?q=%40',
  'https://XN--MNCHEN-3YA.example',
  'https://例え.example:8443#x',
])('takes %j', (text) => {
  expect(https.safeParse(text).success).toBe(true);
});

it('X10: whatever is taken leads to the host that a reader sees before the first slash', () => {
  const piece = fc.constantFrom(
    'https:',
    '/',
    '//',
    '\\',
    '@',
    ':',
    'shop.example',
    'evil.example',
    '?',
    '#',
    '.',
    'a',
    '\t',
    '%2f',
  );
  let taken = 0;
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const text = `https://${pieces.join('')}`;
      if (!https.safeParse(text).success) return;
      taken += 1;
      expect(new URL(text).host).toBe(
        /^https:\/\/([^/?#]*)/.exec(text)?.[1]?.replace(/:(443)?$/, ''),
      );
    }),
    { numRuns: 3_000 },
  );
  expect(taken).toBeGreaterThan(50);
});

/** Every place in a value that holds a web address. */
function* addressesIn(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<readonly (string | number)[]> {
  if (typeof value === 'string' && value.startsWith('https://')) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* addressesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

function changed(
  value: unknown,
  [step, ...rest]: readonly (string | number)[],
  to: string,
): unknown {
  if (step === undefined) return to;
  if (Array.isArray(value))
    return value.map((one, n) => (n === step ? changed(one, rest, to) : one));
  const object = typeof value === 'object' && value !== null ? value : {};
  return { ...object, [step]: changed(Reflect.get(object, step), rest, to) };
}

describe('X10: of every template, each address in its sample', () => {
  let tried = 0;
  for (const folder of ['fixtures/juniper/samples', 'fixtures/kestrel/samples'])
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const template = templates.find(({ name }) => `${name}.json` === file);
      const sample: unknown = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
      const places = template ? [...addressesIn(sample)] : [];
      for (const place of places) {
        tried += 1;
        it(`${folder}/${file} ${place.join('.')} may not lead elsewhere than it says`, () => {
          expect(template?.schema.safeParse(sample).success).toBe(true);
          const result = template?.schema.safeParse(changed(sample, place, hostile[0] ?? ''));
          expect(result?.success).toBe(false);
          expect(result?.error?.issues.map(({ path }) => path.join('.'))).toContain(
            place.join('.'),
          );
        });
      }
    }
  it('is tried', () => expect(tried).toBeGreaterThan(10));
});
