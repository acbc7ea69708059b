import { z } from 'zod';

import { Feedback } from '../../../feedback/feedback.ts';
import { parseWith } from '../../bodies.ts';
import type { WebhookAdapter } from '../adapter.ts';
import { SignatureScheme, signing } from '../signature.ts';

const Options = z.strictObject({ signature: SignatureScheme.default({ scheme: 'standard' }) });
const Payload = z.strictObject({ feedback: z.array(Feedback).min(1).max(1000) });

/** Any mail server or provider that tells in Laurel's own form what became of mails. */
export const feedback: WebhookAdapter = {
  name: 'feedback',
  brandless: true,
  open: ({ secrets }, options) => {
    const { signature } = parseWith(Options, options);
    return {
      ...signing(signature, secrets),
      read: (payload) => ({ kind: 'feedback', ignored: 0, ...parseWith(Payload, payload) }),
    };
  },
};
