import { readFileSync } from 'node:fs';

import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';

import { InvalidInput } from '../core/errors.ts';
import { parseEvent } from '../ledger/plan.ts';
import { mapRecord, type MappedRecord } from './map-record.ts';
import { parseMapping } from './mapping.ts';

const till = {
  source: 'till',
  timeZone: 'Europe/Berlin',
  groupBy: ['Filiale', 'Bon'],
  events: [
    {
      type: 'order.placed',
      id: ['Filiale', 'Bon'],
      fields: {
        memberId: 'Kunde',
        orderId: { column: 'Bon', prefix: 'till-' },
        at: { column: 'Datum', as: 'instant', format: 'dd.MM.yyyy HH:mm' },
        channel: { value: 'store' },
        store: { column: 'Filiale', map: { '1': 'Mitte', '2': 'Altona' } },
        currency: { value: 'EUR' },
      },
      lines: {
        fields: {
          productId: 'Artikel',
          quantity: { column: 'Menge', as: 'integer', default: 1 },
          unitPrice: { column: 'Preis', as: 'money', decimal: ',', thousands: '.' },
          fullPrice: { column: 'Rabatt', as: 'boolean', map: { J: false, N: true } },
          attributes: { column: 'Merkmale', split: '|' },
        },
      },
      total: 'lines',
    },
  ],
};
const mapping = parseMapping(JSON.stringify(till));
const row = (changes: Record<string, string> = {}) => ({
  Filiale: '1',
  Bon: '77',
  Kunde: 'm-1',
  Datum: '29.03.2026 14:05',
  Artikel: 'latte',
  Menge: '2',
  Preis: '4,35',
  Rabatt: 'N',
  Merkmale: 'milk | hot',
  ...changes,
});
const eventsOf = (record: MappedRecord, by = mapping) => {
  const mapped = mapRecord(by, record);
  if (mapped.kind !== 'events') throw new Error(JSON.stringify(mapped));
  return mapped.events.map(({ event }) => event);
};
const problemsOf = (record: MappedRecord, by = mapping) => {
  const mapped = mapRecord(by, record);
  return mapped.kind === 'wrong' ? mapped.problems : [];
};

it('makes an order of several rows, in minor units, with the time zone of the till', () => {
  const second = row({ Artikel: 'beans', Menge: '', Preis: '1.012,50', Rabatt: 'J', Merkmale: '' });
  expect(eventsOf([row(), second])).toEqual([
    {
      type: 'order.placed',
      source: 'till',
      id: expect.stringMatching(/^1-77-[0-9a-f]{12}$/),
      memberId: 'm-1',
      orderId: 'till-77',
      at: '2026-03-29T14:05:00.000+02:00',
      channel: 'store',
      store: 'Mitte',
      currency: 'EUR',
      total: 102_120,
      lines: [
        {
          productId: 'latte',
          quantity: 2,
          unitPrice: 435,
          fullPrice: true,
          attributes: ['milk', 'hot'],
        },
        { productId: 'beans', quantity: 1, unitPrice: 101_250, fullPrice: false },
      ],
    },
  ]);
});

it('gives the same record the same id, and rows of an order that were torn apart another', () => {
  const [whole] = eventsOf([row(), row({ Artikel: 'beans' })]);
  const [again] = eventsOf([row(), row({ Artikel: 'beans' })]);
  const [torn] = eventsOf([row({ Artikel: 'beans' })]);
  expect(again).toEqual(whole);
  expect(torn?.['id']).not.toBe(whole?.['id']);
});

it('names the column and the field of everything that is wrong, and makes none of the events then', () => {
  const record = [
    row({ Datum: '2026-03-29', Filiale: '9', Preis: '4.35,0', Menge: '2,5' }),
  ] as const;
  expect(problemsOf(record).map(({ path }) => path)).toEqual([
    'Datum (at)',
    'Filiale (store)',
    'Menge (lines[0].quantity)',
  ]);
  expect(problemsOf([row({ Preis: '4,355' })])).toEqual([
    { path: 'Preis (lines[0].unitPrice)', message: '"4,355" is not an amount of EUR' },
  ]);
  expect(problemsOf([row({ Bon: '' })])[0]?.path).toBe('Bon');
});

it('picks the events that are meant, rejects a record nobody means, or skips it where that is said', () => {
  const movements = {
    source: 'crm',
    events: [
      {
        type: 'points.earned',
        when: [{ column: 'kind', in: ['plus'] }],
        id: 'no',
        fields: { memberId: 'member.id', points: { column: 'points', as: 'integer' } },
      },
      {
        type: 'consent.changed',
        when: [{ column: 'newsletter', filled: true }],
        id: 'no',
        idPrefix: 'consent-',
        fields: {
          memberId: 'member.id',
          purpose: { value: 'marketing' },
          granted: { column: 'newsletter', as: 'boolean' },
        },
      },
    ],
  };
  const strict = parseMapping(JSON.stringify(movements));
  const record = [
    { no: 7, kind: 'plus', points: 40, newsletter: 'yes', member: { id: 12 } },
  ] as const;
  expect(eventsOf(record, strict)).toMatchObject([
    { type: 'points.earned', id: '7', memberId: '12', points: 40 },
    { type: 'consent.changed', id: 'consent-7', memberId: '12', granted: true },
  ]);
  const neither = [{ no: 8, kind: 'note' }] as const;
  expect(mapRecord(strict, neither).kind).toBe('wrong');
  const lenient = parseMapping(JSON.stringify({ ...movements, otherwise: 'skip' }));
  expect(mapRecord(lenient, neither)).toEqual({ kind: 'skipped' });
});

it('reads a JSON record’s own list of lines', () => {
  const shop = parseMapping(
    JSON.stringify({
      source: 'shop',
      events: [
        {
          type: 'order.placed',
          id: 'order.no',
          fields: { orderId: 'order.no', currency: 'order.cur' },
          lines: {
            each: 'order.items',
            fields: { productId: 'sku', unitPrice: { column: 'p', as: 'money' } },
          },
          total: 'lines',
        },
      ],
    }),
  );
  const items = [
    { sku: 'mug', p: 12.5 },
    { sku: 'tee', p: '20' },
  ];
  expect(eventsOf([{ order: { no: 'A-1', cur: 'EUR', items } }], shop)).toMatchObject([
    { id: 'A-1', total: 3250, lines: [{ unitPrice: 1250 }, { unitPrice: 2000 }] },
  ]);
  expect(problemsOf([{ order: { no: 'A-2', cur: 'EUR' } }], shop)[0]?.path).toBe('order.items');
});

const refundIn = (currency?: string) =>
  parseMapping(
    JSON.stringify({
      source: 's',
      ...(currency && { currency }),
      events: [
        { type: 'order.refunded', id: 'n', fields: { amount: { column: 'a', as: 'money' } } },
      ],
    }),
  );

it('never takes money of an unknown currency, or through floating point', () => {
  expect(problemsOf([{ n: '1', a: '1.10' }], refundIn())[0]?.message).toContain('currency');
  expect(eventsOf([{ n: '1', a: 1.1 }], refundIn('KWD'))).toMatchObject([{ amount: 1100 }]);
  expect(problemsOf([{ n: '1', a: 0.1 + 0.2 }], refundIn('EUR'))).toHaveLength(1);
});

it('names everything that is wrong with a mapping itself', () => {
  const wrong = {
    source: 'x',
    timeZone: 'Mars/Base',
    events: [{ type: 'order.made', fields: { a: 7 } }],
  };
  let paths: string[] = [];
  try {
    parseMapping(JSON.stringify(wrong));
  } catch (error) {
    if (error instanceof InvalidInput) paths = error.problems.map(({ path }) => path);
  }
  expect(paths).toEqual(['timeZone', 'events[0].type', 'events[0].fields.a']);
});

it('reads the till of the documentation as the documentation says', () => {
  const text = readFileSync(new URL('../../docs/integrating.md', import.meta.url), 'utf8');
  const [, csv = '', json = ''] =
    /### Files of other systems[^]*?```csv[^\n]*\n([^]*?)```[^]*?```json[^\n]*\n([^]*?)```/.exec(
      text,
    ) ?? [];
  const rows: Record<string, string>[] = parse(csv, { columns: true, delimiter: ';' });
  const [first, ...others] = rows;
  if (!first) throw new Error('the documentation lost its rows');
  const [event] = eventsOf([first, ...others], parseMapping(json));
  expect(parseEvent(event)).toMatchObject({
    kind: 'event',
    event: {
      identity: { kind: 'card', value: '3052-1187' },
      orderId: 'till-7001',
      at: '2026-05-04T08:30:00.000+02:00',
      store: 'Mitte',
      total: 1160,
      lines: [
        { productId: 'latte', quantity: 2, unitPrice: 435, fullPrice: true },
        { productId: 'croissant', quantity: 1, unitPrice: 290, fullPrice: false },
      ],
    },
  });
});

const linesBy = (fields: object, rows: readonly Record<string, unknown>[], more: object = {}) => {
  const event = {
    type: 'order.placed',
    id: 'no',
    fields: {},
    lines: { fields, ...more },
    total: 'lines',
  };
  const by = parseMapping(
    JSON.stringify({ source: 's', currency: 'EUR', groupBy: ['no'], events: [event] }),
  );
  const [first = {}, ...others] = rows;
  const [made] = eventsOf([first, ...others], by);
  return { lines: made?.['lines'], total: made?.['total'] };
};
const money = (column: string) => ({ column, as: 'money', decimal: ',' });

it('L8: shares a line’s total out exactly, and knows what has no whole quantity', () => {
  const fields = {
    productId: 'sku',
    quantity: { column: 'n', as: 'decimal', decimal: ',' },
    total: money('sum'),
    unitPrice: money('price'),
  };
  expect(linesBy(fields, [{ no: 1, sku: 'tea', n: '3', sum: '10,00' }])).toEqual({
    total: 1000,
    lines: [
      { productId: 'tea', quantity: 2, unitPrice: 333 },
      { productId: 'tea', quantity: 1, unitPrice: 334 },
    ],
  });
  expect(linesBy(fields, [{ no: 1, sku: 'tea', n: '1,0000', sum: '4,5000' }])).toEqual({
    total: 450,
    lines: [{ productId: 'tea', quantity: 1, unitPrice: 450 }],
  });
  const kilo = { no: 1, sku: 'beans', n: '0,75' };
  expect(
    linesBy(fields, [
      { ...kilo, price: '12,99' },
      { ...kilo, sum: '9,74' },
    ]),
  ).toEqual({
    total: 1948,
    lines: [
      { productId: 'beans', quantity: 1, unitPrice: 974 },
      { productId: 'beans', quantity: 1, unitPrice: 974 },
    ],
  });
});

it('L8: shares any total out among any quantity without losing a cent', () => {
  const fields = {
    quantity: { column: 'n', as: 'integer' },
    total: { column: 'sum', as: 'money' },
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 0, max: 9_999_999 }),
      (n, sum) => {
        const { lines, total } = linesBy(fields, [
          { no: 1, n: `${n}.000`, sum: `${(sum / 100).toFixed(2)}00` },
        ]);
        const each = z
          .array(z.object({ quantity: z.int().positive(), unitPrice: z.int() }))
          .parse(lines);
        expect(total).toBe(sum);
        expect(each.reduce((all, one) => all + one.quantity * one.unitPrice, 0)).toBe(sum);
        expect(each.reduce((all, one) => all + one.quantity, 0)).toBe(n);
      },
    ),
  );
});

it('L8: tells sales from returns by the sign of their quantity, in one receipt', () => {
  const quantity = { column: 'n', as: 'integer', sign: 'without' };
  const fields = { orderId: 'no' };
  const [placed, refunded] = [
    {
      type: 'order.placed',
      id: 'no',
      fields,
      lines: {
        when: [{ column: 'n', atLeast: 0 }],
        fields: { productId: 'sku', quantity, total: money('sum') },
      },
      total: 'lines',
    },
    {
      type: 'order.refunded',
      id: 'no',
      fields,
      lines: {
        when: [{ column: 'n', below: 0 }],
        fields: { productId: 'sku', quantity, total: { ...money('sum'), sign: 'without' } },
      },
      total: 'lines',
    },
  ];
  const by = parseMapping(
    JSON.stringify({ source: 's', currency: 'EUR', groupBy: ['no'], events: [placed, refunded] }),
  );
  const sold = { no: 7, sku: 'tea', n: '2', sum: '9,00' };
  const returned = { no: 7, sku: 'mug', n: '-1', sum: '-12,50' };
  expect(eventsOf([sold, returned], by)).toMatchObject([
    {
      type: 'order.placed',
      total: 900,
      lines: [{ productId: 'tea', quantity: 2, unitPrice: 450 }],
    },
    { type: 'order.refunded', amount: 1250, lines: [{ productId: 'mug', quantity: 1 }] },
  ]);
  expect(eventsOf([sold], by)).toHaveLength(1);
});

it('L8: takes a second column where the first says nothing, and an event from each entry of a list', () => {
  const by = parseMapping(
    JSON.stringify({
      source: 'woo',
      currency: 'EUR',
      events: [
        {
          type: 'order.refunded',
          each: 'refunds',
          id: ['../id', 'id'],
          fields: {
            orderId: '../id',
            refundId: 'id',
            at: { column: ['date', '../date'], as: 'instant' },
            'identity.value': ['../billing.email', '../billing.phone'],
            amount: { column: 'total', as: 'money', sign: 'without' },
            lines: { value: [] },
          },
        },
      ],
    }),
  );
  const order = {
    id: 727,
    date: '2026-05-01T00:00:00Z',
    billing: { email: '', phone: '+49 170 1' },
    refunds: [
      { id: 1, total: '-10.00', date: '2026-05-02T00:00:00Z' },
      { id: 2, total: '-2.5' },
    ],
  };
  expect(eventsOf([order], by)).toMatchObject([
    {
      id: '727-1',
      orderId: '727',
      amount: 1000,
      at: '2026-05-02T00:00:00.000Z',
      identity: { value: '+49 170 1' },
    },
    { id: '727-2', orderId: '727', amount: 250, at: '2026-05-01T00:00:00.000Z' },
  ]);
  expect(mapRecord(by, [{ ...order, refunds: [] }])).toEqual({ kind: 'skipped' });
  expect(problemsOf([{ ...order, refunds: 'none' }], by)).toMatchObject([{ path: 'refunds' }]);
});

it('L1: a currency there isn’t is wrong in its record, and stops no import', () => {
  const by = parseMapping(
    JSON.stringify({
      source: 's',
      events: [
        {
          type: 'order.refunded',
          id: 'no',
          fields: {
            orderId: 'no',
            amount: { column: 'sum', as: 'money', currency: { column: 'currency' } },
            lines: { value: [] },
          },
        },
      ],
    }),
  );
  for (const currency of ['XAU', 'XXX', 'EURO', 'USDT', ''])
    expect(problemsOf([{ no: 1, sum: '1.00', currency }], by)).toMatchObject([
      { path: 'sum (amount)' },
    ]);
  expect(problemsOf([{ no: 1, sum: '1.00', currency: 'KWD' }], by)).toEqual([]);
});
