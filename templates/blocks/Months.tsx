import type { ReactElement } from 'react';

import type { Format } from '../../src/render/format.ts';
import type { Look } from '../partials/look.ts';

const months = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** The twelve months in a row, one of them lit. The month's name stands above it in words. */
export function Months({
  busiest,
  look: { colours, small },
  format,
}: {
  /** 1 is January. */
  readonly busiest: number;
  readonly look: Look;
  readonly format: Format;
}): ReactElement {
  return (
    <table
      role="presentation"
      width="100%"
      aria-hidden="true"
      style={{ marginTop: 20, borderSpacing: 2 }}
    >
      <tbody>
        <tr>
          {months.map((month) => {
            const lit = month === busiest;
            return (
              <td
                key={month}
                width="8.33%"
                align="center"
                className={lit ? 'accent' : 'raised muted'}
                style={{
                  ...small,
                  fontSize: 13,
                  padding: '10px 0',
                  backgroundColor: lit ? colours.accent : colours.raised,
                  color: lit ? colours.onAccent : colours.muted,
                  fontWeight: lit ? 'bold' : 'normal',
                }}
              >
                {format.month(month).slice(0, 1)}
              </td>
            );
          })}
        </tr>
      </tbody>
    </table>
  );
}
