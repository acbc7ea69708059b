import type { CSSProperties, ReactElement, ReactNode } from 'react';

/** A ground with padding and round corners, as a table that every client draws. */
export function Card({
  className,
  style,
  gap = 0,
  children,
}: {
  readonly className: string;
  readonly style: CSSProperties;
  /** Room above, in pixels. */
  readonly gap?: number;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <table role="presentation" width="100%" style={{ paddingTop: gap }}>
      <tbody>
        <tr>
          <td className={className} style={style}>
            {children}
          </td>
        </tr>
      </tbody>
    </table>
  );
}
