import type { z } from 'zod';

import { parseAddress } from '../core/address.ts';
import { InvalidInput } from '../core/errors.ts';
import { checkPayload } from '../core/payload.ts';
import { problemsOf } from '../core/problems.ts';
import { dataProblems } from './data-limits.ts';
import { MessageRequest } from './message.ts';

/** A request that passed every check that needs no template: `to.email` is the address exactly as the envelope will say it. */
export type CheckedMessageRequest = z.output<typeof MessageRequest>;

/**
 * The one door for messages, whoever hands them in: HTTP, queue, command line, file.
 * @throws InvalidInput naming every field that is wrong; status 422 for an address that only an SMTPUTF8 transport could deliver
 */
export function checkMessageRequest(value: unknown): CheckedMessageRequest {
  checkPayload(value);
  const parsed = MessageRequest.safeParse(value, { reportInput: true });
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error));
  const { to, sendAt, expiresAt, data } = parsed.data;
  const beyond = dataProblems(data);
  if (beyond.length > 0) throw new InvalidInput(beyond);
  if (
    sendAt !== undefined &&
    expiresAt !== undefined &&
    Date.parse(expiresAt) <= Date.parse(sendAt)
  )
    throw new InvalidInput([{ path: 'expiresAt', message: 'must be later than sendAt' }]);
  if (to.email === undefined) return parsed.data;
  const address = parseAddress(to.email);
  if (address.kind === 'ok') return { ...parsed.data, to: { ...to, email: address.value.address } };
  throw new InvalidInput(
    [{ path: 'to.email', message: address.message }],
    address.kind === 'needs-smtputf8' ? 422 : 400,
  );
}
