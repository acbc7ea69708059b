import { z } from 'zod';

import { defineTemplate } from '/tmp/w/checks/src/core/template.ts';
import { line, WebUrl } from '/tmp/w/checks/templates/fields.ts';

/** Inferred from how the imported body uses its fields; make it exact. */
const Data = z.strictObject({
  name: line(2000),
  loginUrl: WebUrl,
  steps: z.array(z.strictObject({
    title: line(2000),
  })).max(500),
});

export const fromReact = defineTemplate({
  name: 'from-react',
  title: 'From react',
  class: 'transactional',
  schema: Data,
  blocks: [],
  lenient: true,
  headline: () => ({  }),
  onUnknown: 'resend',
});
