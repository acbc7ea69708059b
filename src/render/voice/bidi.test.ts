import { expect, it } from 'vitest';

import { isolate } from './bidi.ts';
import { textMessages } from './text-messages.ts';

const kept = (text: string) => `\u2068${text}\u2069`;

it.each([
  ['a code in Arabic', 'J-20417', 'rtl', true],
  ['a foreign name with a full stop', 'Ana K.', 'rtl', true],
  ['a card number, whose groups would be turned round', '6064 2280 1177 0431', 'rtl', true],
  ['a phone number', '+49 30 123456', 'rtl', true],
  ['a word of the language', 'نجمة', 'rtl', false],
  ['a number', '12,400', 'rtl', false],
  ['an amount Intl has already marked', '\u200f24.50 €', 'rtl', false],
  ['an Arabic name in English', 'ليلى', 'ltr', true],
  ['a code in English', 'J-20417', 'ltr', false],
  ['nothing', '', 'rtl', false],
] as const)('keeps apart from its line, where it must: %s', (_, text, direction, apart) => {
  expect(isolate(text, direction)).toBe(apart ? kept(text) : text);
});

it('keeps names and codes apart in texts, and leaves numbers to the language', () => {
  const { text } = textMessages({
    locale: 'ar-AE-u-nu-latn',
    timeZone: 'UTC',
    layers: [{ hello: 'مرحباً {name}، الطلب {id}: {count, plural, other {# قطع}}' }],
    known: {},
  });
  expect(text('hello', { name: 'Ana', id: 'J-1', count: 3 })).toBe(
    `مرحباً ${kept('Ana')}، الطلب ${kept('J-1')}: 3 قطع`,
  );
});
