import type { ReactElement } from 'react';

import type { entitlements } from '../../src/decision/blocks/entitlements.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { lookOf } from '../partials/look.ts';

export function Entitlements({
  view: { brand },
  block,
  t,
  format,
}: BlockProps<typeof entitlements>): ReactElement {
  const { colours, h2, text } = lookOf(brand);
  return (
    <table role="presentation" width="100%" style={{ paddingTop: 28 }}>
      <tbody>
        <tr>
          <td colSpan={2}>
            <h2 className="text" style={h2}>
              {t('benefits.title', { tier: block.tier })}
            </h2>
          </td>
        </tr>
        {block.ids.map((id) => (
          <tr key={id}>
            <td
              className="accent-text"
              width="26"
              valign="top"
              aria-hidden="true"
              style={{ ...text, color: colours.accent, paddingTop: 8, fontWeight: 'bold' }}
            >
              ✓
            </td>
            <td className="text" valign="top" style={{ ...text, paddingTop: 8 }}>
              {t('benefits.line', { tier: block.tier, benefit: format.entitlement(id) })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
