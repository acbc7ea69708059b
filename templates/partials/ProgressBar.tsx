import type { ReactElement } from 'react';

import type { Look } from './look.ts';

/** A bar on an accent ground, drawn with two cells. What it shows is said in words beside it. */
export function ProgressBar({
  percent,
  look: { colours, radius },
}: {
  /** 0 to 100. */
  readonly percent: number;
  readonly look: Look;
}): ReactElement {
  const cell = { fontSize: 0, lineHeight: '10px' };
  return (
    <table
      role="presentation"
      className="track"
      width="100%"
      style={{ border: `1px solid ${colours.onAccent}`, borderRadius: Math.min(radius, 6) }}
    >
      <tbody>
        <tr>
          {percent > 0 && (
            <td
              className="highlight"
              width={`${percent}%`}
              height="10"
              style={{
                ...cell,
                backgroundColor: colours.highlight,
                borderRadius: Math.min(radius, 6),
              }}
            >
              {'\u00A0'}
            </td>
          )}
          {percent < 100 && (
            <td height="10" style={cell}>
              {'\u00A0'}
            </td>
          )}
        </tr>
      </tbody>
    </table>
  );
}
