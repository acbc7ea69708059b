import type { ReactElement } from 'react';

import type { MailProps } from '../../src/render/react/template-props.ts';
import type { Look } from '../partials/look.ts';

const months = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const chart = { width: 536, height: 150 };

type Props = Pick<MailProps, 'format' | 'picture'> & {
  /** 1 is January. */
  readonly busiest: number;
  /** Purchases of each month; without them, the months alone. */
  readonly counts: readonly number[] | undefined;
  readonly dir: 'ltr' | 'rtl';
  readonly look: Look;
  readonly dark: Look['colours'];
};

/** The twelve months in a row, one of them lit, under a picture of how much there was in each. */
export function Months({ busiest, counts, dir, look, dark, format, picture }: Props): ReactElement {
  const { colours, small, radius } = look;
  const said = months.flatMap((month) => {
    const count = counts?.[month - 1] ?? 0;
    return count > 0 ? [`${format.month(month)} ${format.number(count)}`] : [];
  });
  const rows = (
    <>
      {counts &&
        // A picture keeps its colours in the dark: there are two, of which a client that knows no dark mode shows the first.
        [colours, dark].map(({ raised, muted, accent }, index) => (
          <img
            key={index}
            className={index === 0 ? 'light-only' : 'dark-only'}
            src={picture({
              ...chart,
              values: counts,
              dir,
              radius: 0,
              colours: { ground: raised, bar: muted, highest: accent },
            })}
            alt={said.join(', ')}
            width="100%"
            style={{
              display: index === 0 ? 'block' : 'none',
              width: '100%',
              maxWidth: chart.width,
              height: 'auto',
            }}
          />
        ))}
      <table
        role="presentation"
        width="100%"
        aria-hidden={counts === undefined ? true : undefined}
        // Under the bars of the picture.
        style={{ marginTop: counts ? 0 : 20, borderSpacing: 2, padding: counts ? '0 3.2%' : 0 }}
      >
        <tbody>
          <tr>
            {months.map((month) => {
              const lit = month === busiest;
              const count = counts?.[month - 1] ?? 0;
              return (
                <td
                  key={month}
                  width="8.33%"
                  align="center"
                  valign="top"
                  className={lit ? 'accent' : 'raised muted'}
                  style={{
                    ...small,
                    fontSize: 13,
                    padding: counts ? '6px 0' : '10px 0',
                    backgroundColor: lit ? colours.accent : colours.raised,
                    color: lit ? colours.onAccent : colours.muted,
                    fontWeight: lit ? 'bold' : 'normal',
                  }}
                >
                  {format.month(month).slice(0, 1)}
                  {count > 0 && (
                    <>
                      <br />
                      {format.number(count)}
                    </>
                  )}
                </td>
              );
            })}
          </tr>
        </tbody>
      </table>
    </>
  );
  if (!counts) return rows;
  return (
    <table role="presentation" width="100%" style={{ marginTop: 20 }}>
      <tbody>
        <tr>
          <td
            className="raised"
            style={{ padding: '8px 0', backgroundColor: colours.raised, borderRadius: radius }}
          >
            {rows}
          </td>
        </tr>
      </tbody>
    </table>
  );
}
