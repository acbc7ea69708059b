import { useState } from 'react';

import type { SentLine, SentList } from '../protocol.ts';
import { useAnswer, useSettings } from './answers.ts';
import { Empty, ErrorNotice } from './error-report.tsx';
import { addressOf, type Go, type Place } from './place.ts';
import type { RoomProps } from './room.ts';
import { SentMessage } from './sent-message.tsx';

/** What really went out: a list to search, or one message of it. */
export function Sent(props: RoomProps) {
  const { place, onMenu } = props;
  const settings = useSettings();
  return (
    <main className="stage">
      <header className="head">
        <div className="head-line">
          <button type="button" className="menu-button" onClick={onMenu}>
            Templates
          </button>
          <h1>Sent</h1>
        </div>
        {settings?.showsSent && (
          <p className="real" role="note">
            <strong>Real members.</strong> Names and addresses are masked, nothing can be changed
            here, and whose mail you look at is written down.
          </p>
        )}
      </header>
      {settings?.showsSent === false && (
        <Empty title="Real members are switched off">
          <p>
            Start the preview on this machine with <code>PREVIEW_REAL_MEMBERS=true</code> to see
            what really went out: masked, read only, and each look is recorded.
          </p>
        </Empty>
      )}
      {settings?.showsSent &&
        (place.message === null ? (
          <List {...props} />
        ) : (
          <SentMessage {...props} id={place.message} settings={settings} />
        ))}
    </main>
  );
}

function List({ choice, place, go, events }: RoomProps) {
  const [after, setAfter] = useState<string | null>(null);
  const query = new URLSearchParams();
  if (place.member !== null) query.set('member', place.member);
  if (place.template !== null) query.set('template', place.template);
  if (after !== null) query.set('after', after);
  const { answer, report } = useAnswer<SentList>(`/api/sent?${query.toString()}`, events.version);
  return (
    <section className="sent" aria-label="Messages">
      <form
        className="setting"
        onSubmit={(event) => {
          event.preventDefault();
          setAfter(null);
          const asked = new FormData(event.currentTarget);
          const text = (name: string) => {
            const value = asked.get(name);
            return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
          };
          const message = text('message');
          go({ message, member: text('member'), template: text('template') });
        }}
      >
        <label className="field">
          <span>Member</span>
          <input
            name="member"
            type="text"
            defaultValue={place.member ?? ''}
            placeholder="Their id"
          />
        </label>
        <label className="field">
          <span>Message</span>
          <input name="message" type="text" placeholder="Its id" />
        </label>
        <label className="field">
          <span>Mail</span>
          <select name="template" defaultValue={place.template ?? ''}>
            <option value="">Any</option>
            {choice.templates.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button">
          Find
        </button>
      </form>
      {report && <ErrorNotice report={report} />}
      {!answer && !report && (
        <p className="quiet" role="status">
          Reading what went out …
        </p>
      )}
      {answer?.messages.length === 0 && (
        <Empty title="Nothing went out">
          <p>No message fits what you look for. A member is found by the id the shop gave them.</p>
        </Empty>
      )}
      <ul className="sent-list">
        {answer?.messages.map((line) => (
          <li key={line.id}>
            <Line
              line={line}
              title={choice.templates.find(({ name }) => name === line.template)?.title}
              place={place}
              go={go}
            />
          </li>
        ))}
      </ul>
      <div className="row-of-buttons">
        {after !== null && (
          <button type="button" className="button" onClick={() => setAfter(null)}>
            Back to the newest
          </button>
        )}
        {answer && answer.next !== null && (
          <button type="button" className="button" onClick={() => setAfter(answer.next)}>
            Older ones
          </button>
        )}
      </div>
    </section>
  );
}

type LineProps = {
  readonly line: SentLine;
  readonly title: string | undefined;
  readonly place: Place;
  readonly go: Go;
};

const marks: Readonly<Record<string, string>> = {
  sent: 'badge good',
  queued: 'badge warn',
  held: 'badge warn',
  sending: 'badge warn',
};

function Line({ line, title, place, go }: LineProps) {
  const to: Place = { ...place, message: line.id };
  return (
    <a
      href={addressOf(to)}
      className="sent-line"
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <strong>{title ?? line.template}</strong>
      <span className="quiet">
        {line.to ?? 'no address'}
        {line.member !== null && `, member ${line.member}`}
      </span>
      <span className={marks[line.state] ?? 'badge bad'}>{line.says}</span>
    </a>
  );
}
