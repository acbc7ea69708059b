import type { ReactElement } from 'react';

import type { pointsStatement } from '../../src/decision/blocks/points-statement.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { earnedLine } from '../partials/earned-line.ts';
import { lookOf, sidesOf } from '../partials/look.ts';

export function PointsStatement({
  view: { brand, dir },
  block,
  t,
  format,
}: BlockProps<typeof pointsStatement>): ReactElement {
  const look = lookOf(brand);
  const { activePoints, pendingPoints, lockedPoints, earned, expiring } = block;
  const cell = {
    ...look.text,
    padding: '12px 0',
    borderTop: `1px solid ${look.colours.line}`,
  };
  const rows: (readonly [label: string, points: number | null])[] = [
    [
      activePoints !== null && activePoints < 0 ? t('statement.owed') : t('statement.active'),
      activePoints,
    ],
    [t('statement.pending'), pendingPoints],
    [t('statement.locked'), lockedPoints],
    ...(expiring?.days ?? []).map(
      ({ points, until }) =>
        [t('statement.expiring', { date: format.date(until) }), points] as const,
    ),
  ];
  return (
    <table role="presentation" width="100%" style={{ paddingTop: 28 }}>
      <tbody>
        <tr>
          <td colSpan={2} style={{ paddingBottom: 4 }}>
            <h2 className="text" style={look.h2}>
              {t('statement.title')}
            </h2>
            {block.beingAdded && (
              <p className="muted" style={{ ...look.muted, paddingTop: 4 }}>
                {t('statement.beingAdded')}
              </p>
            )}
            {earned && (
              <p className="muted" style={{ ...look.muted, paddingTop: 4 }}>
                {earnedLine(earned, t, format)}
              </p>
            )}
          </td>
        </tr>
        {rows.map(
          ([label, points]) =>
            points !== null && (
              <tr key={label}>
                <td className="line text" style={cell}>
                  {label}
                </td>
                <td
                  className="line text"
                  align={sidesOf(dir).end}
                  style={{ ...cell, fontWeight: 'bold', whiteSpace: 'nowrap' }}
                >
                  {format.points(points)}
                </td>
              </tr>
            ),
        )}
      </tbody>
    </table>
  );
}
