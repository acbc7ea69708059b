import type { Lane } from '../contract/message.ts';
import { giveWay, urgently } from '../core/right-of-way.ts';
import type { Deps } from './deliver.ts';

type Step<Asked extends unknown[], Answer> = (...asked: Asked) => Promise<Answer>;

const urgentStep =
  <Asked extends unknown[], Answer>(step: Step<Asked, Answer>): Step<Asked, Answer> =>
  (...asked) =>
    urgently(() => step(...asked));

const givingWay =
  <Asked extends unknown[], Answer>(step: Step<Asked, Answer>): Step<Asked, Answer> =>
  async (...asked) => {
    await giveWay();
    return step(...asked);
  };

/**
 * What the deliveries of a lane work with: each step of a receipt but its hand-over is urgent, and a campaign's mails give way
 * before they are claimed, made and handed over. Once the mail server has one, it is recorded without delay.
 */
export const inLane: Readonly<Record<Lane, (deps: Deps) => Deps>> = {
  transactional: (deps) => ({
    ...deps,
    claim: urgentStep(deps.claim),
    isApplied: urgentStep(deps.isApplied),
    loadProfile: urgentStep(deps.loadProfile),
    loadGuards: urgentStep(deps.loadGuards),
    stage: urgentStep(deps.stage),
    reservations: urgentStep(deps.reservations),
    render: urgentStep(deps.render),
    finish: urgentStep(deps.finish),
    handOver: (mail, signal) => deps.handOver({ ...mail, lane: 'transactional' }, signal),
  }),
  campaign: (deps) => ({
    ...deps,
    claim: givingWay(deps.claim),
    // Asked before a mail is made, and again before it is handed over.
    loadGuards: givingWay(deps.loadGuards),
    stage: givingWay(deps.stage),
    handOver: (mail, signal) => deps.handOver({ ...mail, lane: 'campaign' }, signal),
  }),
};
