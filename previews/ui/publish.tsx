import { useState } from 'react';

import type { CommandAnswer, ErrorReport, LivePointing, LiveState } from '../protocol.ts';
import { publish, useAnswer, useSettings } from './answers.ts';
import { Empty, ErrorNotice } from './error-report.tsx';
import { LiveChanges } from './live-changes.tsx';
import { RoomHead } from './room-head.tsx';
import type { TemplateRoomProps } from './room.ts';

type Doing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'busy'; readonly what: 'publish' | 'rollback' }
  | { readonly kind: 'ended'; readonly answer: CommandAnswer }
  | { readonly kind: 'failed'; readonly report: ErrorReport };

/** What is live of one mail, what publishing the draft would change, and both ways: publish, and roll back. */
export function Publish(props: TemplateRoomProps) {
  const { place, go, events, onMenu, template } = props;
  const settings = useSettings();
  const [doing, setDoing] = useState<Doing>({ kind: 'nothing' });
  const [done, setDone] = useState(0);
  const { answer: state, report } = useAnswer<LiveState>(
    settings?.publishes ? `/api/live/${encodeURIComponent(template.name)}` : null,
    done,
  );
  const run = async (what: 'publish' | 'rollback', note: string) => {
    setDoing({ kind: 'busy', what });
    const answer = await publish({ template: template.name, note, what });
    setDoing('done' in answer ? { kind: 'ended', answer } : { kind: 'failed', report: answer });
    setDone((last) => last + 1);
  };
  return (
    <main className="stage" aria-busy={doing.kind === 'busy'}>
      <header className="head">
        <RoomHead template={template} place={place} go={go} onMenu={onMenu} />
      </header>
      {events.report && <ErrorNotice report={events.report} />}
      {report && <ErrorNotice report={report} />}
      {settings?.publishes === false && (
        <Empty title="Nothing is published from this page">
          <p>
            Whoever opened the preview for others keeps publishing to their own machine. On it,
            start <code>laurel preview</code> without <code>--host</code>, or use{' '}
            <code>laurel templates publish</code>.
          </p>
        </Empty>
      )}
      {settings?.publishes && !state && !report && (
        <p className="quiet publish" role="status">
          Asking what is live …
        </p>
      )}
      {state && (
        <div className="publish">
          <Now state={state} />
          <Actions state={state} doing={doing} onRun={(what, note) => void run(what, note)} />
          <LiveChanges {...props} state={state} version={events.version + done} />
          <History pointings={state.pointings} />
        </div>
      )}
    </main>
  );
}

const nameOf = (hash: string | null) =>
  hash === null ? 'the templates folder' : hash.slice(0, 12);

const day = (instant: string) =>
  new Date(instant).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' });

function Now({ state: { pointings } }: { readonly state: LiveState }) {
  const [now] = pointings;
  return (
    <section className="publish-now">
      <h2 className="small-title">Live now</h2>
      {now && now.hash !== null ? (
        <>
          <p>
            <strong>Version {nameOf(now.hash)}</strong> since {day(now.at)}, by {now.by}
          </p>
          {now.why !== null && <p className="note">“{now.why}”</p>}
        </>
      ) : (
        <p>
          <strong>The templates folder.</strong>{' '}
          {now
            ? `Since ${day(now.at)}, by ${now.by}.`
            : 'Nothing of this mail was published yet: workers make it of the folder they were deployed with.'}
        </p>
      )}
    </section>
  );
}

type ActionsProps = {
  readonly state: LiveState;
  readonly doing: Doing;
  readonly onRun: (what: 'publish' | 'rollback', note: string) => void;
};

function Actions({ state: { before }, doing, onRun }: ActionsProps) {
  const [note, setNote] = useState('');
  const busy = doing.kind === 'busy';
  return (
    <section aria-label="Publish or roll back">
      <label className="field wide-field">
        <span>Note, for the history</span>
        <input
          type="text"
          value={note}
          maxLength={500}
          placeholder="What is new, or why it is taken back"
          onChange={({ target }) => setNote(target.value)}
        />
      </label>
      <div className="row-of-buttons">
        <button
          type="button"
          className="button primary"
          disabled={busy}
          onClick={() => onRun('publish', note.trim())}
        >
          Publish the draft
        </button>
        <button
          type="button"
          className="button"
          disabled={busy || before === null}
          onClick={() => onRun('rollback', note.trim())}
        >
          {before === null ? 'Nothing to roll back to' : `Roll back to ${nameOf(before.hash)}`}
        </button>
      </div>
      <div className="publish-said" role="status">
        {busy && (
          <p className="quiet">
            {doing.what === 'publish'
              ? 'Checking every mail of it, then publishing …'
              : 'Rolling back …'}
          </p>
        )}
        {doing.kind === 'ended' && (
          <>
            <p className={doing.answer.done ? 'badge good' : 'badge bad'}>
              {doing.answer.done ? 'Done: from the next mail on.' : 'Nothing was changed.'}
            </p>
            <pre tabIndex={0} aria-label="What the command said">
              {doing.answer.lines.join('\n')}
            </pre>
          </>
        )}
        {doing.kind === 'failed' && <ErrorNotice report={doing.report} />}
      </div>
    </section>
  );
}

const hows: Readonly<Record<LivePointing['how'], string>> = {
  publish: 'Published',
  use: 'Chosen',
  rollback: 'Rolled back',
};

function History({ pointings }: { readonly pointings: readonly LivePointing[] }) {
  if (pointings.length === 0) return null;
  return (
    <section>
      <h2 className="small-title">What was live from when on</h2>
      <ol className="history">
        {pointings.map(({ hash, how, at, by, why }) => (
          <li key={`${at} ${hash}`}>
            <strong>
              {hows[how]}: {nameOf(hash)}
            </strong>
            <span className="quiet">
              {day(at)}, by {by}
            </span>
            {why !== null && <span className="note">“{why}”</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
