import { randomUUID } from 'node:crypto';

import { applyEvents } from '../src/ledger/apply.ts';
import { brandsOf } from '../src/ledger/batch.ts';
import type { World } from './world.ts';

const dayMs = 86_400_000;
const bonusId = 'welcome-500';

/** Enrols a member of kestrel who takes commercial mail and has a bonus to be reminded of. Returns the member's id. */
export async function enrolReminded(
  world: { readonly app: Pick<World['app'], 'pool' | 'brands'>; readonly now: () => Date },
  {
    domain = 'example.com',
    ...more
  }: { readonly domain?: string; readonly timeZone?: string } = {},
): Promise<string> {
  const memberId = `m-${randomUUID()}`;
  const event = (type: string, daysAgo: number, rest: object) => ({
    source: 'loyalty',
    id: randomUUID(),
    type,
    memberId,
    at: new Date(world.now().getTime() - daysAgo * dayMs).toISOString(),
    ...rest,
  });
  const results = await applyEvents(
    world.app.pool,
    'main',
    brandsOf(world.app.brands),
    [
      event('member.enrolled', 60, {
        brand: 'kestrel',
        membershipNumber: memberId,
        email: `${memberId}@${domain}`,
        firstName: 'Ana',
        ...more,
      }),
      event('consent.changed', 50, { purpose: 'marketing', granted: true }),
      event('bonus.granted', 40, { bonusId, points: 500 }),
    ],
    world.now(),
  );
  for (const one of results)
    if (one.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(one)}`);
  return memberId;
}

/** Reminds of that bonus: a commercial mail with offers. */
export const reminder = (memberId: string, now: Date) => ({
  template: 'bonus-reminder',
  brand: 'kestrel',
  to: { memberId },
  data: {
    bonusId,
    name: '500 miles to begin with',
    useBy: new Date(now.getTime() + 90 * dayMs).toISOString(),
  },
});
