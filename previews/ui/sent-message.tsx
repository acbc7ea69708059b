import { useState } from 'react';

import type { SentMail, SentSide, Settings } from '../protocol.ts';
import { useAnswer } from './answers.ts';
import { LooksBar, useWidth } from './canvas.tsx';
import { DifferenceList } from './difference-list.tsx';
import { ErrorSheet } from './error-report.tsx';
import { looksOf } from './looks.ts';
import { MailFrame } from './mail-frame.tsx';
import type { Place } from './place.ts';
import type { RoomProps } from './room.ts';
import { SendTest } from './send-test.tsx';

type Props = RoomProps & { readonly id: string; readonly settings: Settings };

/** One message: its timeline, the mail as it went beside as of now, and what changed since. */
export function SentMessage({ choice, place, go, events, id, settings }: Props) {
  const { answer, report } = useAnswer<SentMail>(
    `/api/sent/${encodeURIComponent(id)}`,
    events.version,
  );
  const [sending, setSending] = useState(false);
  const back = (
    <button type="button" className="plain" onClick={() => go({ message: null })}>
      All messages
    </button>
  );
  if (report)
    return (
      <div className="sent">
        {back}
        <ErrorSheet report={report} />
      </div>
    );
  if (!answer)
    return (
      <p className="quiet sent" role="status">
        Making it again …
      </p>
    );
  const { line, how, went, today, since } = answer;
  const title = choice.templates.find(({ name }) => name === line.template)?.title;
  return (
    <>
      <div className="sent">
        {back}
        <h2>
          {title ?? line.template} to {line.to ?? line.member ?? 'no address'}
        </h2>
        <Timeline answer={answer} />
        {since.length > 0 && (
          <section>
            <h3 className="small-title">Since then</h3>
            <ul className="since">
              {since.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          </section>
        )}
        {settings.testsTo.length > 0 && went.mail && (
          <div className="row-of-buttons">
            <button type="button" className="button" onClick={() => setSending(true)}>
              Send test to me
            </button>
          </div>
        )}
      </div>
      <DifferenceList left={went} right={today} names={['as it went', 'as of now']} />
      <section className="canvas" aria-label="As it went, and as of now">
        {(went.mail || today.mail) && (
          <div className="toolbar">
            <LooksBar place={place} go={go} />
          </div>
        )}
        <div className="desk two">
          <Side name="As it went" side={went} note={how} place={place} />
          <Side name="As of now" side={today} note={today.says} place={place} />
        </div>
      </section>
      {sending && <SendTest of={{ message: id }} onClose={() => setSending(false)} />}
    </>
  );
}

const Timeline = ({ answer: { timeline } }: { readonly answer: SentMail }) => (
  <ol className="timeline" aria-label="Timeline">
    {timeline.map(({ at, what, source, detail }) => (
      <li key={`${at} ${what}`}>
        <time dateTime={at}>
          {new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })}
        </time>
        <strong>{what.replaceAll('-', ' ')}</strong>
        <span className="quiet">
          {source !== 'laurel' && `${source}: `}
          {detail}
        </span>
      </li>
    ))}
  </ol>
);

type SideProps = {
  readonly name: string;
  readonly side: SentSide;
  readonly note: string;
  readonly place: Place;
};

function Side({ name, side: { mail, sent }, note, place }: SideProps) {
  const width = useWidth(place);
  return (
    <section className="side" aria-label={name}>
      <p className={sent ? 'side-verdict' : 'side-verdict suppress'}>
        <strong>{name}.</strong> {note}
      </p>
      {mail && (
        <>
          <p className="side-subject">{mail.subject}</p>
          <div className="sheet">
            <MailFrame hash={mail.hash} width={width} looks={looksOf(place)} />
          </div>
        </>
      )}
    </section>
  );
}
