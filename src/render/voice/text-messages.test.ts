import { describe, expect, it } from 'vitest';

import { textMessages } from './text-messages.ts';

const messages = (texts: Record<string, string>, locale = 'en') =>
  textMessages({
    locale,
    timeZone: 'Europe/Berlin',
    layers: [{ voice: 'the brand’s' }, texts],
    known: { brand: 'Roast & Co' },
  });

it('says what the brand says before what the template says', () => {
  expect(messages({ voice: 'the template’s' }).text('voice')).toBe('the brand’s');
});

it('is plain text: markup is letters, a quote is a quote', () => {
  const { text } = messages({ plain: "Don't <b>click</b> {what}" });
  expect(text('plain', { what: '<i>' })).toBe("Don't <b>click</b> <i>");
});

it('writes numbers and dates as the locale does, in the brand’s time zone', () => {
  const { text } = messages(
    { n: '{n} und {m, number}', d: '{at, date, long}, {at, time, short}' },
    'de',
  );
  expect(text('n', { n: 12_400, m: 1.5 })).toBe('12.400 und 1,5');
  expect(text('d', { at: '2026-12-31T23:30:00Z' })).toBe('1. Januar 2027, 00:30');
});

it('knows the brand without being told', () => {
  const { text, fixed, argumentsOf } = messages({ from: 'Yours, {brand}', to: 'Dear {name}' });
  expect(text('from')).toBe('Yours, Roast & Co');
  expect(fixed('from')).toBe('Yours, Roast & Co');
  expect(fixed('to')).toBeNull();
  expect(argumentsOf('to')).toEqual(['name']);
});

it('lets a name and a choice be nothing', () => {
  const { text } = messages({
    hello: '{name, select, other {Hello {name}}}',
    greeting: 'Hello {name}',
  });
  expect(text('greeting', { name: null })).toBe('Hello ');
  expect(text('hello', { name: undefined })).toBe('Hello ');
});

describe('a number, a plural and a date', () => {
  const { text } = messages({
    number: '{x, number}',
    plural: '{x, plural, one {#} other {#}}',
    both: '{x, plural, one {one} other {{x}}}',
    date: '{x, date, short}',
  });
  it.each(['number', 'plural', 'both', 'date'])('never come out of nothing: %s', (key) => {
    for (const x of [null, undefined, NaN, '', 'x', {}, new Date(NaN)])
      expect(() => text(key, { x })).toThrow(expect.objectContaining({ code: 'bad-text' }));
    expect(() => text(key)).toThrow(/is not given \{x\}/);
  });
});

it('refuses an object where a text is due', () => {
  expect(() => messages({ a: '{x}' }).text('a', { x: { toString: () => 'x' } })).toThrow(
    /an object/,
  );
});

it('says which text is missing', () => {
  expect(() => messages({}).text('nope')).toThrow('no text "nope" in locale en');
});
