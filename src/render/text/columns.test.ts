import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { inColumns } from './columns.ts';

const table = (...rows: string[][]) => rows.map((cells) => cells.join('\t')).join('\n');

describe('R5: figures of a table stand below each other', () => {
  it.each([
    [
      [
        ['Flat white', '€3.50'],
        ['Croissant', '€12.20'],
        ['Total', '€15.70'],
      ],
      ['Flat white   €3.50', 'Croissant   €12.20', 'Total       €15.70'],
    ],
    [
      [
        ['Artikel', 'Menge', 'Preis'],
        ['Kaffee', '2', '7,00 €'],
        ['Brot', '10', '22,50 €'],
      ],
      ['Artikel  Menge    Preis', 'Kaffee   2       7,00 €', 'Brot     10     22,50 €'],
    ],
    [
      [
        ['Tea', '2', '€7.00'],
        ['Total', '€7.00'],
        ['Discount', '−€0.50'],
      ],
      ['Tea  2     €7.00', 'Total      €7.00', 'Discount  −€0.50'],
    ],
    [
      [
        ['Subtotal:', 'CHF 1’113.00'],
        ['Points:', '340 pts'],
        ['Share:', '12 %'],
      ],
      ['Subtotal:  CHF 1’113.00', 'Points:         340 pts', 'Share:             12 %'],
    ],
    // Nothing to align: words, one row, what would be too wide for a phone.
    [
      [
        ['Pick up', 'Berlin'],
        ['Ready', 'tomorrow'],
      ],
      ['Pick up  Berlin', 'Ready  tomorrow'],
    ],
    [[['Tea', '€1']], ['Tea  €1']],
    [
      [
        ['x'.repeat(70), '€1'],
        ['y', '€22'],
      ],
      [`${'x'.repeat(70)}  €1`, 'y  €22'],
    ],
    // Accents that are written apart take no room.
    [
      [
        ['Cafe\u0301', '€1.00'],
        ['Tee', '€10.00'],
      ],
      ['Cafe\u0301   €1.00', 'Tee   €10.00'],
    ],
  ])('%j', (rows, lines) => {
    expect(inColumns(table(...rows)).split('\n')).toEqual(lines);
  });

  it('and what is around them stays as it is, indented or not', () => {
    const text = `Hello\n\n  indented\n${table(['a', '1'], ['bb', '22'])}\n\nBye`;
    expect(inColumns(text)).toBe('Hello\n\n  indented\na    1\nbb  22\n\nBye');
  });

  it('and nothing of what they say is lost or changes its place', () => {
    const cell = fc
      .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
      .filter((one) => one.trim() === one && !/\s/.test(one) && one !== '');
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(rows, (all) => {
        const lines = inColumns(table(...all)).split('\n');
        expect(lines.map((line) => line.split(/ {2,}/))).toEqual(all);
      }),
    );
  });
});
