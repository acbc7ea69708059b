import type { CSSProperties, ReactElement } from 'react';

import type { Link } from '../../src/render/voice/link.ts';
import type { Look } from './look.ts';

type Props = {
  readonly to: string;
  /** The words on it; `label` says more to those who can't see what it stands beside. */
  readonly text: string;
  readonly label?: string;
  readonly kind: 'solid' | 'ghost';
  readonly link: Link;
  readonly look: Look;
};

/** At least 48 pixels high, so that a thumb hits it. One solid button a mail, if it can be. */
export function Button({ to, text, label, kind, link, look }: Props): ReactElement {
  const { accent, onAccent } = look.colours;
  const solid = kind === 'solid';
  const padding = solid ? '13px 26px' : '12px 24px';
  // Outlook ignores a link's padding, and reads this on the cell.
  const outlook: CSSProperties & { msoPaddingAlt: string } = { msoPaddingAlt: padding };
  return (
    <table role="presentation" style={{ marginTop: 18 }}>
      <tbody>
        <tr>
          <td
            className={solid ? 'accent' : 'ghost'}
            align="center"
            style={{
              ...outlook,
              borderRadius: look.radius,
              ...(solid ? { backgroundColor: accent } : { border: `1px solid ${accent}` }),
            }}
          >
            <a
              href={link(to)}
              className={solid ? 'accent' : 'accent-text'}
              aria-label={label}
              style={{
                display: 'inline-block',
                padding,
                borderRadius: look.radius,
                fontSize: 16,
                lineHeight: '24px',
                fontWeight: 'bold',
                textDecoration: 'none',
                color: solid ? onAccent : accent,
              }}
            >
              {text}
            </a>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
