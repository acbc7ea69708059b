import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { plainMessage } from './plain-message.ts';
import { compileMessage } from './text-messages.ts';

const messages = [
  'Hello',
  "It's {name}'s turn, '{'really'}'",
  '{count, plural, =0 {none} one {# star} other {# stars}}',
  '{count, plural, offset:1 =1 {you} one {you and one other} other {you and # others}} at {name}',
  '{kind, select, order {your order} trip {your trip} other {it}} of {name}',
  '{kind, select, order {{count, plural, one {one thing} other {# things}}} other {{name}}}',
  '{count, plural, one {{kind, select, order {an order #} other {#}}} other {# of {kind}}}',
  '{count, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}',
];

describe('a message without dates', () => {
  for (const locale of ['en', 'de', 'pl', 'ar'])
    it.each(messages)(`says in ${locale} what the library says: %s`, (source) => {
      const reference = compileMessage(source, locale, 'Europe/Berlin');
      const plain = plainMessage(reference.getAst(), locale);
      const values = fc.record(
        {
          name: fc.string(),
          kind: fc.constantFrom('order', 'trip', 'other', 'toString', ''),
          count: fc.oneof(fc.integer(), fc.integer({ min: 0, max: 30 })),
        },
        { noNullPrototype: true },
      );
      fc.assert(
        fc.property(values, (given) => {
          expect(plain?.(given)).toBe(reference.format(given));
        }),
      );
    });

  it.each(['on {at, date, long}', 'at {at, time}', '{count, number}', '{count, number, percent}'])(
    'leaves to the library: %s',
    (source) => {
      expect(plainMessage(compileMessage(source, 'en', 'UTC').getAst(), 'en')).toBeNull();
    },
  );
});
