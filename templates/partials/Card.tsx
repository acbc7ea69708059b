import type { CSSProperties, ReactElement, ReactNode } from 'react';

/** A ground with padding and round corners, as a table that every client draws. */
export function Card({
  className,
  inner,
  style: { padding, ...style },
  gap = 0,
  children,
}: {
  /** The ground's class. */
  readonly className: string;
  /** The padded cell's class. */
  readonly inner?: string;
  readonly style: CSSProperties;
  /** Room above, in pixels. */
  readonly gap?: number;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <table role="presentation" width="100%">
      <tbody>
        <tr>
          <td style={{ paddingTop: gap }}>
            <table role="presentation" width="100%" className={className} style={style}>
              <tbody>
                <tr>
                  <td className={inner} style={{ padding }}>
                    {children}
                  </td>
                </tr>
              </tbody>
            </table>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
