import { useId, useMemo } from 'react';
import type { z } from 'zod';

import type { Views } from '../../../../src/contract/template.ts';
import type { TemplateProps } from '../../../../src/render/react/template-props.ts';

type Words = {
  readonly schema: z.ZodType<{ words?: string }>;
  readonly views: Views;
};

/** Uses what only React itself provides. */
export default function HookedMail({ view }: TemplateProps<Words>) {
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
