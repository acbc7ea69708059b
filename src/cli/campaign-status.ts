import { setTimeout as sleep } from 'node:timers/promises';

import { type Campaign, findCampaign } from '../campaign/campaigns.ts';
import { campaignCounts } from '../campaign/counts.ts';
import type { PilotState } from '../campaign/pilot.ts';
import { shortHash } from '../contract/template-version.ts';
import { PermanentError } from '../core/errors.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';
import { count, note, outputIsGone, paintFor, print } from './terminal.ts';

const pollMs = 1_000;
const waiting = new Set(['queued', 'held', 'sending']);

/** `year-in-review of juniper, 2026, 12,000 members`. */
export const titleOf = ({ template, brand, parameters, audienceSize }: Campaign): string =>
  [
    `${template} of ${brand}`,
    ...('year' in parameters ? [parameters.year] : []),
    count(audienceSize, 'member'),
  ].join(', ');

type Status = {
  readonly campaign: Campaign;
  readonly counts: Awaited<ReturnType<typeof campaignCounts>>;
};

async function read(id: string, { pool, tenant }: Session): Promise<Status> {
  const campaign = await findCampaign(pool, tenant, id);
  if (!campaign) {
    throw new PermanentError(
      'unknown-campaign',
      `there is no campaign ${id} of tenant "${tenant}"; \`laurel campaign list\` shows them`,
    );
  }
  return { campaign, counts: await campaignCounts(pool, id) };
}

const sum = (counts: Status['counts'], include: (state: string) => boolean) =>
  counts.filter(({ state }) => include(state)).reduce((total, one) => total + one.count, 0);

/** Prints how far a campaign is. */
export async function showCampaign(id: string, session: Session, json: boolean): Promise<void> {
  const { campaign, counts } = await read(id, session);
  if (json) return print(JSON.stringify({ ...campaign, counts }, null, 2));
  const paint = paintFor(process.stdout);
  await print(`${paint('bold', titleOf(campaign))}  ${paint('dim', campaign.id)}`);
  await print(`${campaign.state}: ${stateText(campaign)}`);
  if (campaign.pilotState) await print(`  pilot         ${pilotTexts[campaign.pilotState]}`);
  if (campaign.pinnedVersion)
    await print(`  with version  ${shortHash(campaign.pinnedVersion)} of its template`);
  for (const state of new Set(counts.map((one) => one.state))) {
    await print(
      `  ${state.padEnd(12)} ${sum(counts, (one) => one === state).toLocaleString('en')}`,
    );
    for (const { reason, count: n } of counts.filter((one) => one.state === state && one.reason))
      await print(`    ${paint('dim', `${(reason ?? '').padEnd(24)} ${n.toLocaleString('en')}`)}`);
  }
}

const pilotTexts: Record<PilotState, string> = {
  making: 'its messages are being made; the others wait',
  waiting: 'every message exists; the others wait for `laurel campaign release` or its gate',
  failed: 'its figures are over its gate’s limits; the others wait for `laurel campaign release`',
  released: 'the others follow',
};

function stateText({ state, cursor, audienceSize }: Campaign): string {
  const made = `${cursor.toLocaleString('en')} of ${count(audienceSize, 'member')} looked at`;
  switch (state) {
    case 'loading':
      return `${count(audienceSize, 'member')} loaded so far, nothing is sent yet`;
    case 'running':
      return made;
    case 'paused':
      return `${made}, nothing is sent until it is resumed`;
    case 'done':
      return 'every message exists';
    case 'cancelled':
      return `${made}, the rest will not be sent`;
    default:
      return state satisfies never;
  }
}

/** Shows progress until nothing is left to do, or until interrupted; the campaign goes on by itself. */
export async function watchCampaign(id: string, session: Session): Promise<void> {
  const { campaign } = await read(id, session);
  const progress = openProgress(campaign.audienceSize);
  try {
    while (!session.signal.aborted && !outputIsGone()) {
      const now = await read(id, session);
      const left = sum(now.counts, (state) => waiting.has(state));
      const sent = sum(now.counts, (state) => state === 'sent');
      const others = sum(now.counts, (state) => state !== 'sent' && !waiting.has(state));
      const { state, cursor, pilotState } = now.campaign;
      progress.update(
        cursor - left,
        `${state}: ${sent.toLocaleString('en')} sent, ${others.toLocaleString('en')} not sent, ${left.toLocaleString('en')} waiting`,
      );
      const held = pilotState === 'waiting' || pilotState === 'failed';
      if ((state === 'done' || state === 'cancelled' || held) && left === 0) return;
      await sleep(pollMs, undefined, { signal: session.signal }).catch(() => {});
    }
  } finally {
    progress.stop();
  }
  if (session.signal.aborted) note('The campaign goes on.');
}
