import type { ReactElement, ReactNode } from 'react';

import { Card } from './Card.tsx';
import type { Look } from './look.ts';

/** One thing worth a ground of its own: what it is called, the thing itself, and a line about it. */
export function Highlight({
  label,
  title,
  size,
  look,
  children,
}: {
  readonly label: string;
  readonly title: ReactNode;
  /** Of the title, in pixels. */
  readonly size: 30 | 40;
  readonly look: Look;
  readonly children?: ReactNode;
}): ReactElement {
  const on = { color: look.colours.onHighlight };
  return (
    <Card
      className="highlight"
      gap={24}
      style={{
        backgroundColor: look.colours.highlight,
        borderRadius: look.radius,
        padding: '26px',
      }}
    >
      <p className="highlight" style={{ ...look.small, ...on }}>
        {label}
      </p>
      <h2
        className="highlight big"
        style={{ ...look.h1, ...on, fontSize: size, lineHeight: `${Math.round(size * 1.2)}px` }}
      >
        {title}
      </h2>
      {children && (
        <p className="highlight" style={{ ...look.text, ...on }}>
          {children}
        </p>
      )}
    </Card>
  );
}
