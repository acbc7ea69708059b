import type { FastifyRequest } from 'fastify';

import { findMember, type MemberKey } from '../members/find.ts';
import type { Inquiry } from '../members/members.ts';
import type { HttpContext } from './context.ts';
import { HttpError, notFound } from './errors.ts';

type Asking = Pick<FastifyRequest, 'tenant' | 'keyPrefix'>;

export const byId = ({ id }: { id: string }): MemberKey => ({ by: 'memberId', value: id });

/** The member a request names, also one that was erased. @throws HttpError 404 where nobody is known so */
export async function namedEver(
  { pool }: HttpContext,
  { tenant, keyPrefix }: Asking,
  key: MemberKey,
): Promise<Inquiry> {
  const member = await findMember(pool, tenant, key);
  if (!member) throw notFound('member');
  return { tenant, member, actor: keyPrefix || 'local' };
}

/** The member a request names. @throws HttpError 404 where nobody is known so, or nothing is known of them any more */
export async function named(
  context: HttpContext,
  asking: Asking,
  key: MemberKey,
): Promise<Inquiry> {
  const inquiry = await namedEver(context, asking, key);
  const { status } = inquiry.member;
  if (status === 'erased')
    throw new HttpError(404, 'erased', 'this member was erased; nothing is known of them');
  if (status === 'unregistered')
    throw new HttpError(404, 'unregistered', 'nobody has registered this card or number yet');
  return inquiry;
}
