import type { ReactElement } from 'react';

import type { Look } from '../partials/look.ts';

type Bar = {
  readonly label: string;
  /** More than 0. */
  readonly value: number;
  /** The value in words. */
  readonly text: string;
};

/** Bars to one scale, drawn with table cells; the longest is as wide as there is room. */
export function Bars({
  bars,
  look,
}: {
  readonly bars: readonly Bar[];
  readonly look: Look;
}): ReactElement {
  const { colours, radius } = look;
  const longest = Math.max(...bars.map(({ value }) => value));
  const fill = { fontSize: 0, lineHeight: '14px' };
  return (
    <table role="presentation" width="100%" style={{ paddingTop: 8 }}>
      <tbody>
        {bars.map(({ label, value, text }, index) => {
          const percent = Math.max(2, Math.round((100 * value) / longest));
          const [ground, colour] =
            index === 0 ? ['accent', colours.accent] : ['highlight', colours.highlight];
          return (
            <tr key={label}>
              <td style={{ paddingTop: 10 }}>
                <p className="text" style={look.text}>
                  <b>{text}</b> {label}
                </p>
                <table role="presentation" width="100%" aria-hidden="true">
                  <tbody>
                    <tr>
                      <td
                        className={ground}
                        width={`${percent}%`}
                        height="14"
                        style={{
                          ...fill,
                          backgroundColor: colour,
                          borderRadius: Math.min(radius, 7),
                        }}
                      >
                        {'\u00A0'}
                      </td>
                      {percent < 100 && (
                        <td height="14" style={fill}>
                          {'\u00A0'}
                        </td>
                      )}
                    </tr>
                  </tbody>
                </table>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
