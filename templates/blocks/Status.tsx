import type { ReactElement } from 'react';

import type { status } from '../../src/decision/blocks/status.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Card } from '../partials/Card.tsx';
import { earnedLine } from '../partials/earned-line.ts';
import { type Look, lookOf, sidesOf } from '../partials/look.ts';
import { ProgressBar } from '../partials/ProgressBar.tsx';

export function Status({
  view: { brand, dir },
  block,
  t,
  format,
}: BlockProps<typeof status>): ReactElement {
  const look = lookOf(brand);
  const { colours, radius } = look;
  const on = { color: colours.onAccent };
  const { next, activePoints, pendingPoints, earned } = block;
  const pending = pendingPoints !== null && pendingPoints > 0 ? format.points(pendingPoints) : null;
  const { end } = sidesOf(dir);
  return (
    <Card
      className="member"
      inner="card"
      gap={16}
      style={{ backgroundColor: colours.accent, borderRadius: radius, padding: '28px 32px' }}
    >
      <table role="presentation" width="100%">
        <tbody>
          <tr>
            <td valign="top" style={{ ...look.small, ...on }}>
              {t('status.label')}
            </td>
            <td valign="top" align={end} style={{ ...look.small, ...on }}>
              {t('status.since', { date: format.date(block.memberSince, 'monthYear') })}
            </td>
          </tr>
          <tr>
            <td colSpan={2} style={{ paddingTop: 14 }}>
              <Balance {...{ activePoints, pending, t, format, look }} />
              {earned && (
                <p style={{ ...look.text, ...on, paddingTop: 4 }}>
                  {earnedLine(earned, t, format)}
                </p>
              )}
            </td>
          </tr>
          {next && (
            <tr>
              <td colSpan={2} style={{ paddingTop: 20 }}>
                <ProgressBar percent={next.percent} look={look} />
              </td>
            </tr>
          )}
          <tr>
            <td
              valign="top"
              style={{
                ...look.text,
                ...on,
                paddingTop: 10,
                fontWeight: 'bold',
                whiteSpace: 'nowrap',
              }}
            >
              {t('status.tier', { tier: block.tier })}
            </td>
            <td valign="top" align={end} style={{ ...look.text, ...on, paddingTop: 10 }}>
              {next &&
                t('status.next', { points: format.points(next.pointsToGo), tier: next.tier })}
            </td>
          </tr>
          <tr>
            <td colSpan={2} style={{ ...look.small, ...on, fontSize: 13, paddingTop: 12 }}>
              {t('status.asOf', { date: format.date(block.asOf, 'dateTime') })}
            </td>
          </tr>
        </tbody>
      </table>
    </Card>
  );
}

/** What the member has: to spend, owed or none yet. */
function Balance({
  activePoints,
  pending,
  t,
  format,
  look,
}: Pick<BlockProps<typeof status>, 't' | 'format'> & {
  readonly activePoints: number | null;
  readonly pending: string | null;
  readonly look: Look;
}): ReactElement {
  const on = { color: look.colours.onAccent };
  return (
    <>
      {activePoints === null && <h2 style={{ ...look.h2, ...on }}>{t('status.beingAdded')}</h2>}
      {activePoints !== null && activePoints > 0 && (
        <>
          <h2 style={{ ...look.h1, ...on, fontSize: 30, lineHeight: '36px' }}>
            {format.points(activePoints)}
          </h2>
          <p style={{ ...look.text, ...on }}>
            {t('status.ready')}
            {pending !== null && ` · ${t('status.pending', { points: pending })}`}
          </p>
        </>
      )}
      {activePoints !== null && activePoints < 0 && (
        <>
          <h2 style={{ ...look.h2, ...on }}>
            {t('status.owed', { points: format.points(activePoints) })}
          </h2>
          {pending !== null && (
            <p style={{ ...look.text, ...on }}>{t('status.pendingOnly', { points: pending })}</p>
          )}
        </>
      )}
      {activePoints === 0 && (
        <h2 style={{ ...look.h2, ...on }}>
          {pending === null ? t('status.none') : t('status.pendingOnly', { points: pending })}
        </h2>
      )}
    </>
  );
}
