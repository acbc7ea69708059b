import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { Backlog } from './delivery/due.ts';

/** What an operator watches. Labels never carry anything about a person. */
export type Metrics = ReturnType<typeof openMetrics>;

/** @param backlog asked on every scrape for queue depth and age. */
export function openMetrics(backlog: () => Promise<readonly Backlog[]>) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const accepted = new Counter({
    name: 'laurel_messages_accepted_total',
    help: 'Messages accepted, by how they came in.',
    labelNames: ['by'],
    registers,
  });
  const ended = new Counter({
    name: 'laurel_messages_ended_total',
    help: 'Attempts at messages, by how they ended; reason is the decision or error code.',
    labelNames: ['state', 'reason', 'template'],
    registers,
  });
  const webhooksOut = new Counter({
    name: 'laurel_webhooks_out_total',
    help: 'Attempts to tell an endpoint something: delivered, later, dead.',
    labelNames: ['endpoint', 'result'],
    registers,
  });
  const steps = new Histogram({
    name: 'laurel_step_seconds',
    help: 'Time of each step of a delivery.',
    labelNames: ['step'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  });
  const acceptedToSent = new Histogram({
    name: 'laurel_accepted_to_sent_seconds',
    help: 'From accepted (or due, for scheduled messages) to handed over.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
    registers,
  });
  const unknownOutcomes = new Counter({
    name: 'laurel_unknown_outcomes_total',
    help: 'Hand-overs nobody saw the end of: each may have left a second copy with the same Message-ID.',
    registers,
  });
  const lostClaims = new Counter({
    name: 'laurel_lost_claims_total',
    help: 'Endings that came after their claim had run out.',
    registers,
  });
  const sourceSeconds = new Histogram({
    name: 'laurel_source_seconds',
    help: 'Time a profile source took for one person, with repetition and waiting.',
    labelNames: ['brand', 'source'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers,
  });
  const sourceAnswers = new Counter({
    name: 'laurel_source_answers_total',
    help: 'Questions to profile sources by how they ended: ok, stale, down, garbage, skipped.',
    labelNames: ['brand', 'source', 'state'],
    registers,
  });
  const sourceBreaker = new Gauge({
    name: 'laurel_source_breaker',
    help: 'Whether a profile source is left alone because it keeps failing: 0 no, 1 being tried, 2 yes.',
    labelNames: ['brand', 'source'],
    registers,
  });
  const paused = new Gauge({
    name: 'laurel_paused',
    help: 'Flows that are paused now: templates, and the transport.',
    labelNames: ['kind'],
    registers,
  });
  const pauses = new Counter({
    name: 'laurel_pauses_total',
    help: 'Flows that paused or resumed by themselves.',
    labelNames: ['kind', 'change'],
    registers,
  });
  /** One gauge by lane of what the database says of messages that aren't sent yet. */
  const gaugeOf = (name: string, help: string, figure: (lane: Backlog) => number) => {
    const gauge: Gauge<'lane'> = new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers,
      collect: async () => {
        const byLane = await backlog();
        for (const lane of ['transactional', 'campaign'] as const) {
          const found = byLane.find((one) => one.lane === lane);
          gauge.set({ lane }, found ? figure(found) : 0);
        }
      },
    });
  };
  gaugeOf(
    'laurel_due_messages',
    'Messages that are due and wait for a worker.',
    ({ waiting }) => waiting,
  );
  gaugeOf(
    'laurel_oldest_due_seconds',
    'Age of the oldest message that is due and not sent yet, waiting or in hand.',
    ({ oldestSeconds }) => oldestSeconds,
  );
  gaugeOf('laurel_in_hand_messages', 'Messages a worker has in hand.', ({ inHand }) => inHand);
  gaugeOf(
    'laurel_oldest_in_hand_seconds',
    'Since when the oldest of those has been due: it grows where the mail server says nothing.',
    ({ oldestInHandSeconds }) => oldestInHandSeconds,
  );
  return {
    registry,
    accepted,
    ended,
    steps,
    acceptedToSent,
    unknownOutcomes,
    lostClaims,
    sourceSeconds,
    sourceAnswers,
    sourceBreaker,
    paused,
    pauses,
    webhooksOut,
  };
}
