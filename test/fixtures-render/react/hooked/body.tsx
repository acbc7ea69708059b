import { useId, useMemo } from 'react';

import type { TemplateProps } from '../../../../src/render/react/template-props.ts';

/** Uses what only React itself provides. */
export default function HookedMail({ view }: TemplateProps<{ readonly words?: string }>) {
  const id = useId();
  const words = useMemo(() => view.data.words?.toUpperCase(), [view.data.words]);
  return (
    <html lang="en">
      <body>
        <p id={id}>{words}</p>
      </body>
    </html>
  );
}
