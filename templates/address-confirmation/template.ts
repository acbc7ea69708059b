import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Instant, Reference, WebUrl } from '../fields.ts';

/** Double opt-in: asks whoever reads the address whether it is theirs. Until they say so it may be anybody's. */
const AddressConfirmation = z.strictObject({
  /** Names this one request, as in `confirmation:…`; cancelled when it was answered or withdrawn. */
  requestId: Reference,
  purpose: z.enum(['news', 'account', 'change']),
  confirmUrl: WebUrl,
  /** The link's last instant. Give the message the same `expiresAt`. */
  expiresAt: Instant,
});

export const addressConfirmation = defineTemplate({
  name: 'address-confirmation',
  title: 'Address confirmation',
  class: 'transactional',
  for: 'anybody',
  schema: AddressConfirmation,
  // No name, no status: nothing of a member to an address that isn't known to be hers.
  blocks: [],
  headline: () => ({}),
  about: ({ requestId }) => [`confirmation:${requestId}`],
  // Never twice: a second one looks like an attack, and to a stranger it is one.
  onUnknown: 'quarantine',
});
