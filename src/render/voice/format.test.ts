import { describe, expect, it } from 'vitest';

import { formatFor } from './format.ts';
import { link } from './link.ts';
import { textMessages } from './text-messages.ts';

function inLocale(locale: string) {
  const messages = textMessages({
    locale,
    timeZone: 'Europe/Berlin',
    layers: [
      {
        points: '{count, plural, one {# star} other {# stars}}',
        'entitlements.free-bag': 'One free bag',
      },
    ],
    known: {},
  });
  return formatFor({ locale, timeZone: 'Europe/Berlin', messages });
}
const format = inLocale('en-GB');
/** Intl uses several kinds of blank. */
const blanks = (text: string) => text.replace(/[\u00A0\u202F]/g, ' ');

describe('relative', () => {
  const from = '2026-11-20T09:00:00Z';
  it.each([
    ['2026-11-20T08:59:40Z', 'now', 'maintenant'],
    ['2026-11-20T08:40:00Z', '20 minutes ago', 'il y a 20 minutes'],
    ['2026-11-20T07:00:00Z', '2 hours ago', 'il y a 2 heures'],
    ['2026-11-19T08:00:00Z', 'yesterday', 'hier'],
    ['2026-11-23T07:00:00Z', 'in 3 days', 'dans 3 jours'],
    ['2026-12-11T09:00:00Z', 'in 3 weeks', 'dans 3 semaines'],
    ['2027-03-20T09:00:00Z', 'in 3 months', 'dans 3 mois'],
    ['2023-11-20T09:00:00Z', '3 years ago', 'il y a 3 ans'],
  ])('%s is %s', (at, english, french) => {
    expect(format.relative(at, from)).toBe(english);
    expect(blanks(inLocale('fr').relative(new Date(at), new Date(from)))).toBe(french);
  });

  it('needs two instants', () => {
    expect(() => format.relative('2026-11-20', from)).toThrow('two instants');
    expect(() => format.relative(from, null)).toThrow(/relative|date/);
  });
});

describe('minus', () => {
  it('has its sign where the language has it', () => {
    expect(format.minus(50, 'EUR')).toBe('−€0.50');
    expect(blanks(inLocale('de').minus({ amount: 50, currency: 'EUR' }))).toBe('−0,50 €');
  });
});

describe('money', () => {
  it.each([
    [{ amount: 1240, currency: 'EUR' }, 'en-GB', '€12.40'],
    [{ amount: 1240, currency: 'EUR' }, 'de', '12,40 €'],
    [{ amount: 1240, currency: 'JPY' }, 'en-GB', 'JP¥1,240'],
    [{ amount: 1240, currency: 'KWD' }, 'en-GB', 'KWD 1.240'],
    [{ amount: -5, currency: 'EUR' }, 'en-GB', '-€0.05'],
    [{ amount: 123_456_789_012_345, currency: 'EUR' }, 'en-GB', '€1,234,567,890,123.45'],
  ])('%j in %s is %s', (value, locale, expected) => {
    expect(blanks(inLocale(locale).money(value))).toBe(expected);
  });

  it('takes an amount and its currency, too', () => {
    expect(format.money(450, 'EUR')).toBe('€4.50');
  });
});

describe('dates', () => {
  const evening = '2026-12-31T23:30:00Z';
  it('are those of the brand’s clock, unless a time zone is named', () => {
    expect(format.date(evening)).toBe('1 January 2027');
    expect(format.date(new Date(evening), 'short', { timeZone: 'America/New_York' })).toBe(
      '31 Dec 2026',
    );
    expect(format.date(evening, 'time')).toBe('00:30');
  });
  it('that name a day are that day everywhere', () => {
    expect(format.date('2026-12-31', 'long', { timeZone: 'Pacific/Auckland' })).toBe(
      '31 December 2026',
    );
    expect(format.date('2026-12-31', 'dayMonth')).toBe('31 December');
  });
  it('that name a time on the wall clock are that time everywhere', () => {
    expect(format.date('07:30', 'time', { timeZone: 'Pacific/Auckland' })).toBe('07:30');
    expect(() => format.date('25:00', 'time')).toThrow('date: needs');
  });
  it('may name a month alone', () => {
    expect(format.month(3)).toBe('March');
    expect(inLocale('de').month(3)).toBe('März');
  });
});

it('counts points in the brand’s words', () => {
  expect(format.points(1)).toBe('1 star');
  expect(format.points(12_400)).toBe('12,400 stars');
  expect(format.points(-12_400)).toBe('−12,400 stars');
  expect(format.points(-1)).toBe('−1 star');
  expect(blanks(inLocale('de').percent(82))).toBe('82 %');
});

const wrong = [null, undefined, NaN, Infinity, '12', {}, [], true, new Date(NaN), 1.5e300];
describe.each(['money', 'points', 'number', 'percent', 'month', 'date'] as const)('%s', (name) => {
  it.each(wrong.filter((value) => !(value === 1.5e300 && /number|percent/.test(name))))(
    'refuses %s',
    (value) => {
      expect(() => format[name](value)).toThrow(
        expect.objectContaining({ name: 'PermanentError', code: 'bad-value' }),
      );
    },
  );
});

it.each([
  { amount: 1.5, currency: 'EUR' },
  { amount: 100, currency: 'euro' },
  { amount: 100 },
  { amount: null, currency: 'EUR' },
  { amount: '100', currency: 'EUR' },
])('money refuses %j', (value) => {
  expect(() => format.money(value)).toThrow(expect.objectContaining({ code: 'bad-value' }));
});

it.each(['2026-13-45', '2026-12-31T10:00', 'tomorrow', ''])('date refuses %j', (value) => {
  expect(() => format.date(value)).toThrow(expect.objectContaining({ code: 'bad-value' }));
});

it('date refuses a zone that does not exist', () => {
  expect(() => format.date('2026-12-31T10:00:00Z', 'long', { timeZone: 'Mars/Olympus' })).toThrow(
    /not a time zone/,
  );
});

describe('link', () => {
  it.each([
    ['https://shop.example/a?b=1&c=2', 'https://shop.example/a?b=1&c=2'],
    ['http://shop.example', 'http://shop.example/'],
    ['mailto:care@shop.example', 'mailto:care@shop.example'],
    ['https://shöp.example/ü', 'https://xn--shp-tna.example/%C3%BC'],
  ])('%s goes out as %s', (given, expected) => {
    expect(link(given)).toBe(expected);
  });

  it('adds encoded path parts and a query', () => {
    expect(link('https://shop.example/o/?lang=de', ['a/b', 7], { ref: 'x&y' })).toBe(
      'https://shop.example/o/a%2Fb/7?lang=de&ref=x%26y',
    );
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://shop.example',
    '//shop.example',
    '/orders/1',
    'shop.example',
    'https://user:secret@shop.example',
    'https://paypal.com@evil.example',
    '',
    null,
    undefined,
    {},
    7,
  ])('refuses %j', (value) => {
    expect(() => link(value)).toThrow(expect.objectContaining({ code: 'bad-link' }));
  });

  it.each(['..', '.', '', null, NaN, '\uD800'])('refuses %j as a path part', (part) => {
    expect(() => link('https://shop.example', [part])).toThrow(
      expect.objectContaining({ code: 'bad-link' }),
    );
  });
});
