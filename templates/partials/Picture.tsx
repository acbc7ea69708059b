import type { ReactElement } from 'react';

import type { Link } from '../../src/render/voice/link.ts';
import type { Look } from './look.ts';

/** A picture as wide as its place; nothing where there is none. What it shows is said in words beside it. */
export function Picture({
  url,
  look,
  link,
}: {
  readonly url: string | null;
  readonly look: Look;
  readonly link: Link;
}): ReactElement | null {
  if (url === null) return null;
  return (
    <img
      src={link(url)}
      alt=""
      width="536"
      style={{
        display: 'block',
        width: '100%',
        height: 'auto',
        border: 0,
        borderRadius: look.radius,
        marginBottom: 16,
      }}
    />
  );
}
