import { useState } from 'react';

import type { CampaignChange, CampaignShown, PilotShown } from '../campaigns.ts';
import type { CommandAnswer, ErrorReport } from '../protocol.ts';
import { changeCampaign, useAnswer } from './answers.ts';
import { day, StateBadge, titleOf } from './campaign-line.tsx';
import { CampaignOutcomes } from './campaign-outcome.tsx';
import { Bars, ChartFigure, number, percent, type Tone, WholeBar } from './chart.tsx';
import { ErrorNotice, ErrorSheet } from './error-report.tsx';
import type { RoomProps } from './room.ts';
import { useTicks } from './ticks.ts';

const everyMs = 3_000;

/** One campaign while it runs and after: how far it is, its pilot, what became of its mails, what it brought about. */
export function Campaign({ id, choice, go }: RoomProps & { readonly id: string }) {
  const ticks = useTicks(everyMs);
  const [done, setDone] = useState(0);
  const { answer, report } = useAnswer<CampaignShown>(
    `/api/campaigns/${encodeURIComponent(id)}`,
    ticks + done,
  );
  const back = (
    <button type="button" className="button" onClick={() => go({ campaign: null })}>
      All campaigns
    </button>
  );
  if (!answer)
    return (
      <div className="campaigns">
        {back}
        {report ? (
          <ErrorSheet report={report} />
        ) : (
          <p className="quiet" role="status">
            Asking how far it is …
          </p>
        )}
      </div>
    );
  const { line, pilot, group, holdout, startsAt } = answer;
  const facts = [
    choice.brands.find(({ id: one }) => one === line.brand)?.name ?? line.brand,
    `made ${day(line.createdAt)}`,
    `${number(line.audience)} members`,
    ...(holdout > 0 ? [`${percent(holdout)} kept out to compare with`] : []),
    ...(group === null ? [] : [`of the group ${group}`]),
    ...(startsAt === null ? [] : [`not before ${startsAt}`]),
  ];
  return (
    <div className="campaigns">
      {back}
      {report && <ErrorNotice report={report} />}
      <section className="campaign-title">
        <h2>{titleOf(line, choice)}</h2>
        <StateBadge line={line} />
        <p className="quiet">{facts.join(' · ')}</p>
      </section>
      <Progress shown={answer} />
      <Actions shown={answer} onDone={() => setDone((last) => last + 1)} />
      {pilot && <Pilot pilot={pilot} />}
      <Told shown={answer} />
      <CampaignOutcomes id={id} />
    </div>
  );
}

const words: Readonly<Record<string, { readonly name: string; readonly tone: Tone }>> = {
  sent: { name: 'Sent', tone: 'good' },
  waiting: { name: 'On their way', tone: 'plain' },
  held: { name: 'Held', tone: 'warn' },
  suppressed: { name: 'Not to be sent', tone: 'quiet' },
  failed: { name: 'Failed', tone: 'bad' },
  quarantined: { name: 'Put aside', tone: 'bad' },
  cancelled: { name: 'Cancelled', tone: 'quiet' },
  delivered: { name: 'Delivered', tone: 'good' },
  softBounced: { name: 'Bounced, may pass', tone: 'warn' },
  hardBounced: { name: 'Bounced for good', tone: 'bad' },
  complained: { name: 'Complained', tone: 'bad' },
  unsubscribed: { name: 'Unsubscribed', tone: 'warn' },
  clicked: { name: 'Clicked', tone: 'plain' },
};
const wordsFor = (name: string) => words[name] ?? { name, tone: 'plain' as const };

const barOf = (one: CampaignShown['states'][number]) => ({ ...one, ...wordsFor(one.name) });

const duration = (seconds: number): string =>
  seconds < 90
    ? 'about a minute'
    : seconds < 5_400
      ? `about ${Math.ceil(seconds / 60)} minutes`
      : `about ${Math.ceil(seconds / 3_600)} hours`;

function Progress({ shown }: { readonly shown: CampaignShown }) {
  const { line, states, perMinute, secondsLeft } = shown;
  const bars = states.map(barOf);
  const accepted = states[0]?.base ?? 0;
  const waits = line.state === 'paused' || isStopped(line);
  const pace =
    perMinute === 0
      ? null
      : `${number(Math.round(perMinute))} a minute${secondsLeft === null || waits ? '' : `, ${duration(secondsLeft)} left`}`;
  return (
    <section aria-label="How far it is">
      <p className="campaign-pace" role="status">
        <strong>
          {number(line.made)} of {number(line.audience)}
        </strong>{' '}
        members looked at
        {pace !== null && <span className="quiet"> · {pace}</span>}
      </p>
      {accepted === 0 ? (
        <p className="quiet">No message of it exists yet.</p>
      ) : (
        <ChartFigure
          title={`What became of ${number(accepted)} messages`}
          says={bars
            .filter(({ count }) => count > 0)
            .map(({ name, count }) => `${name}: ${number(count)}`)
            .join(', ')}
          columns={['State', 'Messages', `Of ${number(accepted)} accepted`]}
          rows={bars.map(({ name, count, share }) => [name, number(count), percent(share)])}
        >
          <WholeBar bars={bars} />
        </ChartFigure>
      )}
    </section>
  );
}

type Doing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'ended'; readonly answer: CommandAnswer }
  | { readonly kind: 'failed'; readonly report: ErrorReport };

type Verb = { readonly what: CampaignChange['what']; readonly says: string };

/** Its pilot is out, and the others wait. */
const isStopped = ({ pilot }: CampaignShown['line']) => pilot === 'waiting' || pilot === 'failed';

/** What may be done with it now. */
function verbsFor({ line, states }: CampaignShown): readonly Verb[] {
  const { state } = line;
  const waits = isStopped(line);
  const open = states.some(
    ({ name, count }) => (name === 'waiting' || name === 'held') && count > 0,
  );
  return [
    ...(state === 'running' || (state === 'done' && open)
      ? [{ what: 'pause', says: 'Pause' } as const]
      : []),
    ...(state === 'paused' ? [{ what: 'resume', says: 'Resume' } as const] : []),
    ...(waits && (state === 'running' || state === 'paused')
      ? [{ what: 'release', says: 'Let the others follow' } as const]
      : []),
  ];
}

function Actions({
  shown,
  onDone,
}: {
  readonly shown: CampaignShown;
  readonly onDone: () => void;
}) {
  const [doing, setDoing] = useState<Doing>({ kind: 'nothing' });
  const verbs = verbsFor(shown);
  const run = async (what: Verb['what']) => {
    setDoing({ kind: 'busy' });
    const answer = await changeCampaign(shown.line.id, { what });
    setDoing('done' in answer ? { kind: 'ended', answer } : { kind: 'failed', report: answer });
    onDone();
  };
  if (verbs.length === 0 && doing.kind === 'nothing') return null;
  return (
    <section aria-label="What can be done">
      <div className="row-of-buttons">
        {verbs.map(({ what, says }) => (
          <button
            key={what}
            type="button"
            className="button"
            disabled={doing.kind === 'busy'}
            onClick={() => void run(what)}
          >
            {says}
          </button>
        ))}
      </div>
      {verbs[0] && (
        <p className="quiet campaign-command">
          or <code>{`laurel campaign ${verbs[0].what} ${shown.line.id}`}</code>
        </p>
      )}
      <div role="status">
        {doing.kind === 'busy' && <p className="quiet">Asking the database …</p>}
        {doing.kind === 'ended' && (
          <p className={doing.answer.done ? 'badge good' : 'badge bad'}>
            {doing.answer.lines.join(' ')}
          </p>
        )}
        {doing.kind === 'failed' && <ErrorNotice report={doing.report} />}
      </div>
    </section>
  );
}

const pilotSays: Readonly<Record<PilotShown['state'], string>> = {
  making: 'Its messages are being made; the others wait.',
  waiting: 'It is out; the others wait until they are released, by hand or by the gate.',
  failed:
    'Its figures are over a limit of its gate; the others wait until somebody lets them through.',
  released: 'The others follow.',
};
const limitSays = {
  failures: 'Failed or bounced',
  complaints: 'Complained',
  unsubscribes: 'Unsubscribed',
} as const;

function Pilot({ pilot: { share, state, gate } }: { readonly pilot: PilotShown }) {
  return (
    <section aria-label="Pilot">
      <h3>Pilot of {percent(share)}</h3>
      <p>{pilotSays[state]}</p>
      {gate && (
        <ChartFigure
          title={`Its gate: after ${gate.afterMinutes} minutes, of ${number(gate.mails)} mails`}
          says={gate.limits
            .map(
              ({ name, count, limit }) =>
                `${limitSays[name]}: ${number(count)}, and ${percent(limit)} may`,
            )
            .join('; ')}
          columns={['Limit', 'Mails', `Of ${number(gate.mails)}`, 'At most']}
          rows={gate.limits.map(({ name, count, limit }) => [
            limitSays[name],
            number(count),
            percent(gate.mails === 0 ? null : count / gate.mails),
            percent(limit),
          ])}
        >
          <ul className="bars">
            {gate.limits.map(({ name, count, limit }) => {
              const part = gate.mails === 0 ? 0 : count / gate.mails;
              const over = part > limit;
              return (
                <li key={name}>
                  <span className="bar-name">{limitSays[name]}</span>
                  <svg viewBox="0 0 100 6" preserveAspectRatio="none">
                    <rect className="bar-ground" width="100" height="6" />
                    <rect
                      className={over ? 'tone-bad' : 'tone-good'}
                      width={Math.min(
                        100,
                        limit === 0 ? (part > 0 ? 100 : 0) : (part / limit) * 100,
                      )}
                      height="6"
                    />
                  </svg>
                  <span className="bar-figure">
                    <strong>{number(count)}</strong>{' '}
                    <span className="quiet">
                      {percent(part)} of {percent(limit)}
                      {over && ', over'}
                    </span>
                  </span>
                </li>
              );
            })}
          </ul>
        </ChartFigure>
      )}
    </section>
  );
}

const mostReasons = 8;

function Told({ shown: { told, reasons } }: { readonly shown: CampaignShown }) {
  const sent = told[0]?.base ?? 0;
  const bars = told.map(barOf);
  const all = reasons.slice(0, mostReasons);
  const most = Math.max(...all.map(({ count }) => count), 1);
  return (
    <div className="two-charts">
      {sent > 0 && (
        <ChartFigure
          title={`Told of ${number(sent)} sent mails`}
          says={bars.map(({ name, count }) => `${name}: ${number(count)}`).join(', ')}
          columns={['What', 'Mails', `Of ${number(sent)} sent`]}
          rows={bars.map(({ name, count, share }) => [name, number(count), percent(share)])}
        >
          <Bars bars={bars} />
        </ChartFigure>
      )}
      {all.length > 0 && (
        <ChartFigure
          title="Why others got nothing, or not yet"
          says={all.map(({ reason, count }) => `${reason}: ${number(count)}`).join(', ')}
          columns={['Reason', 'State', 'Messages']}
          rows={reasons.map(({ reason, state, count }) => [
            reason,
            wordsFor(state).name,
            number(count),
          ])}
        >
          <ul className="bars">
            {all.map(({ state, reason, count }) => (
              <li key={`${state} ${reason}`}>
                <span className="bar-name">{reason.replaceAll('-', ' ')}</span>
                <svg viewBox="0 0 100 6" preserveAspectRatio="none">
                  <rect className="bar-ground" width="100" height="6" />
                  <rect
                    className={`tone-${wordsFor(state).tone}`}
                    width={(count / most) * 100}
                    height="6"
                  />
                </svg>
                <span className="bar-figure">
                  <strong>{number(count)}</strong>{' '}
                  <span className="quiet">{wordsFor(state).name.toLowerCase()}</span>
                </span>
              </li>
            ))}
          </ul>
        </ChartFigure>
      )}
    </div>
  );
}
