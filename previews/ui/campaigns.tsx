import type { CampaignLine } from '../campaigns.ts';
import { useAnswer, useSettings } from './answers.ts';
import { day, StateBadge, titleOf } from './campaign-line.tsx';
import { Campaign } from './campaign.tsx';
import { number } from './chart.tsx';
import { Empty, ErrorSheet } from './error-report.tsx';
import { addressOf, type Place } from './place.ts';
import type { RoomProps } from './room.ts';
import { useTicks } from './ticks.ts';

const everyMs = 10_000;

/** Campaigns of the installation that mails are sent from: their list, or one of them. */
export function Campaigns(props: RoomProps) {
  const { place, onMenu } = props;
  const settings = useSettings();
  return (
    <main className="stage">
      <header className="head">
        <div className="head-line">
          <button type="button" className="menu-button" onClick={onMenu}>
            Templates
          </button>
          <h1>Campaigns</h1>
        </div>
      </header>
      {settings?.publishes === false && (
        <Empty title="Campaigns are not shown from this page">
          <p>
            Whoever opened the preview for others keeps what is sent to their own machine. On it,
            start <code>laurel preview</code> without <code>--host</code>, or use{' '}
            <code>laurel campaign list</code>.
          </p>
        </Empty>
      )}
      {settings?.publishes &&
        (place.campaign === null ? (
          <List {...props} />
        ) : (
          <Campaign {...props} id={place.campaign} />
        ))}
    </main>
  );
}

function List({ choice, place, go }: RoomProps) {
  const { answer, report } = useAnswer<readonly CampaignLine[]>(
    '/api/campaigns',
    useTicks(everyMs),
  );
  if (report && !answer) return <ErrorSheet report={report} />;
  if (!answer)
    return (
      <p className="quiet campaigns" role="status">
        Asking for campaigns …
      </p>
    );
  if (answer.length === 0)
    return (
      <Empty title="There is no campaign yet">
        <p>
          A campaign sends one mail of a commercial template to each member of an audience:{' '}
          <code>laurel campaign create bonus-reminder --audience gold.csv</code>.
        </p>
      </Empty>
    );
  return (
    <section className="campaigns" aria-label="Campaigns, the newest first">
      <ul className="campaign-list">
        {answer.map((line) => {
          const to: Place = { ...place, campaign: line.id };
          return (
            <li key={line.id}>
              <a
                href={addressOf(to)}
                className="campaign-line"
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                  event.preventDefault();
                  go({ campaign: line.id });
                }}
              >
                <strong>{titleOf(line, choice)}</strong>
                <span className="quiet">
                  {choice.brands.find(({ id }) => id === line.brand)?.name ?? line.brand},{' '}
                  {day(line.createdAt)}
                </span>
                <span className="quiet">
                  {number(line.made)} of {number(line.audience)} members
                </span>
                <StateBadge line={line} />
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
