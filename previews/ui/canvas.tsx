import { useEffect, useState } from 'react';

import type { Mail, RenderAnswer, ErrorReport } from '../protocol.ts';
import { Empty, ErrorSheet } from './error-report.tsx';
import { MailFrame } from './mail-frame.tsx';
import { type Go, type Place, type View, views } from './place.ts';

type Props = {
  readonly answer: RenderAnswer | null;
  readonly report: ErrorReport | null;
  readonly place: Place;
  readonly go: Go;
};

const viewNames: Readonly<Record<View, string>> = {
  email: 'Email',
  text: 'Text',
  html: 'HTML',
  headers: 'Headers',
};

/** The mail as it lies in an inbox, and its four sides. */
export function Canvas({ answer, report, place, go }: Props) {
  const mail = answer?.mail ?? null;
  const dimmed = report !== null || (answer?.hypothetical ?? false);
  return (
    <section className="canvas" aria-label="Mail">
      {mail && <InboxRow mail={mail} at={answer?.at ?? null} />}
      <div className="toolbar">
        <div className="tabs" role="group" aria-label="View">
          {views.map((view) => (
            <button
              key={view}
              type="button"
              aria-pressed={place.view === view}
              onClick={() => go({ view })}
            >
              {viewNames[view]}
            </button>
          ))}
        </div>
        {place.view === 'email' && (
          <div className="looks">
            <Pair
              label="Width"
              options={[
                { value: 375, name: 'Phone' },
                { value: 640, name: 'Desktop' },
              ]}
              value={place.width}
              onChoose={(width) => go({ width })}
            />
            <Pair
              label="Scheme"
              options={[
                { value: 'light', name: 'Light' },
                { value: 'dark', name: 'Dark' },
              ]}
              value={place.scheme}
              onChoose={(scheme) => go({ scheme })}
            />
          </div>
        )}
      </div>
      <div className={dimmed ? 'desk dimmed' : 'desk'}>
        {report && <ErrorSheet report={report} />}
        {mail ? (
          <div className="sheet">
            <Side mail={mail} place={place} />
          </div>
        ) : (
          !report &&
          answer && (
            <Empty title="There is no mail to show">
              <p>{answer.verdict.sentence}.</p>
            </Empty>
          )
        )}
      </div>
      {mail && <Foot mail={mail} />}
    </section>
  );
}

function Side({ mail, place }: { mail: Mail; place: Place }) {
  switch (place.view) {
    case 'email':
      return <MailFrame hash={mail.hash} width={place.width} scheme={place.scheme} />;
    case 'text':
      return (
        <pre className="text-part" tabIndex={0} aria-label="Text part">
          {mail.text}
        </pre>
      );
    case 'html':
      return (
        <pre className="code" tabIndex={0} aria-label="HTML source">
          {mail.html}
        </pre>
      );
    case 'headers':
      return (
        <dl className="headers">
          {mail.headers.map(([name, value], index) => (
            // A header may be there twice.
            <div key={`${index} ${name}`}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      );
    default:
      return place.view satisfies never;
  }
}

/** As a mail program lists it: what doesn't fit is cut there as well. */
const InboxRow = ({ mail, at }: { mail: Mail; at: string | null }) => (
  <div className="inbox" aria-label="In the inbox" role="group">
    <span className="inbox-from">{mail.from.name}</span>
    <span className="inbox-line">
      <span className="inbox-subject">{mail.subject}</span>
      <span className="inbox-preheader">{mail.preheader}</span>
      {mail.leaks !== '' && (
        <span
          className="inbox-leak"
          title="Mail programs go on with these words of the body. Use {{> head}} or <Preheader>, which fill the line up."
        >
          {mail.leaks}
        </span>
      )}
    </span>
    {at !== null && (
      <span className="inbox-date">
        {new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}
      </span>
    )}
  </div>
);

/** Gmail shows no more html than this. */
const clippedAt = 102 * 1024;

function Foot({ mail }: { mail: Mail }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const { html } = mail.size;
  const share = html / clippedAt;
  return (
    <footer className="foot">
      <span className={share > 1 ? 'bad' : share > 90 / 102 ? 'warn' : ''}>
        {Math.ceil(html / 1024)} KB{share > 1 ? ': Gmail clips what is over 102 KB' : ' of 102 KB'}
      </span>
      <span className="foot-links">
        <a href={`/raw/${mail.hash}.eml`} download>
          Download .eml
        </a>
        <button
          type="button"
          className="plain"
          onClick={() =>
            void navigator.clipboard.writeText(location.href).then(() => setCopied(true))
          }
        >
          {copied ? 'Address copied' : 'Copy address'}
        </button>
      </span>
    </footer>
  );
}

type PairProps<Value> = {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly name: string }[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
};

const Pair = <Value extends string | number>({
  label,
  options,
  value,
  onChoose,
}: PairProps<Value>) => (
  <div className="pair" role="group" aria-label={label}>
    {options.map((option) => (
      <button
        key={option.value}
        type="button"
        aria-pressed={option.value === value}
        onClick={() => onChoose(option.value)}
      >
        {option.name}
      </button>
    ))}
  </div>
);
