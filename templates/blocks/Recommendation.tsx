import type { ReactElement } from 'react';

import type { recommendation } from '../../src/decision/blocks/recommendation.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Button } from '../partials/Button.tsx';
import { lookOf } from '../partials/look.ts';
import { Picture } from '../partials/Picture.tsx';

export function Recommendation({
  view: { brand },
  block,
  t,
  format,
  link,
}: BlockProps<typeof recommendation>): ReactElement {
  const look = lookOf(brand);
  const { title, body, url, imageUrl, code, endsAt, category } = block;
  return (
    <table role="presentation" width="100%">
      <tbody>
        <tr>
          <td>
            <Picture url={imageUrl} look={look} link={link} />
            <h2 className="text" style={look.h2}>
              <bdi>{title}</bdi>
            </h2>
            <p className="text" style={{ ...look.text, paddingTop: 4 }}>
              <bdi>{body}</bdi>
            </p>
            <p className="muted" style={{ ...look.muted, paddingTop: 8 }}>
              {t('recommendation.because', { category })}
            </p>
            <p className="muted" style={{ ...look.small, paddingTop: 4 }}>
              {t('recommendation.until', { date: format.date(endsAt) })}
              {code !== null && (
                <>
                  {' · '}
                  {t('recommendation.code')}{' '}
                  <b>
                    <bdi>{code}</bdi>
                  </b>
                </>
              )}
            </p>
            <Button
              to={url}
              text={t('recommendation.button')}
              kind="solid"
              link={link}
              look={look}
            />
          </td>
        </tr>
      </tbody>
    </table>
  );
}
