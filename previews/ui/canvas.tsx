import { Suspense, useState } from 'react';

import type { ErrorReport, Mail, RenderAnswer, RenderQuery } from '../protocol.ts';
import { useBlocks } from './answers.ts';
import { clipOf, clippedBytes } from './clip.ts';
import { CopyButton } from './copy-button.tsx';
import { Empty, ErrorSheet } from './error-report.tsx';
import { InboxRow } from './inbox-row.tsx';
import { looksOf, type Scheme } from './looks.ts';
import { MailFrame } from './mail-frame.tsx';
import { type Go, type Place, type View, views } from './place.ts';
import { SaveAs } from './save-as.tsx';
import { SendTest } from './send-test.tsx';
import { Source } from './source.tsx';
import { Code, Opening, TemplateView } from './template-view.tsx';
import { useWide } from './wide.ts';

type Props = {
  readonly answer: RenderAnswer | null;
  readonly query: RenderQuery | null;
  readonly report: ErrorReport | null;
  readonly place: Place;
  readonly go: Go;
  /** A block to go to in the mail. */
  readonly spot: { readonly card: string } | null;
  readonly onBlock: (card: string) => void;
  /** A text of the mail was clicked: it and what it stands in, the nearest first. */
  readonly onText: (texts: readonly string[]) => void;
  /** Rises with every save. */
  readonly version: number;
};

const viewNames: Readonly<Record<View, string>> = {
  email: 'Email',
  text: 'Text',
  html: 'HTML',
  template: 'Template',
  headers: 'Headers',
};

/** The mail as it lies in an inbox, and its four sides. */
export function Canvas(props: Props) {
  const { answer, query, report, place, go } = props;
  const mail = answer?.mail ?? null;
  const dimmed = report !== null || (answer?.hypothetical ?? null) !== null;
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
        {place.view === 'email' && <LooksBar place={place} go={go} />}
      </div>
      <div className={dimmed ? 'desk dimmed' : 'desk'}>
        {report && <ErrorSheet report={report} />}
        {mail ? (
          <div className="sheet">
            <Side {...props} mail={mail} answer={answer} />
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
      {mail && answer && <Foot answer={answer} mail={mail} place={place} query={query} />}
    </section>
  );
}

const schemeNames: readonly { readonly value: Scheme; readonly name: string }[] = [
  { value: 'light', name: 'Light' },
  { value: 'dark', name: 'Dark' },
  { value: 'forced', name: 'Forced dark' },
];

/** How the mail is looked at: how wide, in which light, with pictures, in which size of letters. */
export function LooksBar({ place, go }: Pick<Props, 'place' | 'go'>) {
  const width = useWidth(place);
  const { pictures, large } = looksOf(place);
  return (
    <div className="looks">
      <Pair
        label="Width"
        options={[
          { value: 375, name: 'Phone' },
          { value: 640, name: 'Desktop' },
        ]}
        value={width}
        onChoose={(chosen) => go({ width: chosen })}
      />
      <Pair
        label="Scheme"
        options={schemeNames}
        value={place.scheme}
        onChoose={(scheme) => go({ scheme })}
      />
      <div className="pair" role="group" aria-label="Reader’s settings">
        <button type="button" aria-pressed={!pictures} onClick={() => go({ pictures: !pictures })}>
          No pictures
        </button>
        <button type="button" aria-pressed={large} onClick={() => go({ large: !large })}>
          Large type
        </button>
      </div>
    </div>
  );
}

/** As chosen; else what suits the page: who holds a phone sees the phone's mail. */
export function useWidth({ width }: Pick<Place, 'width'>): number {
  const wide = useWide(900);
  return width ?? (wide ? 640 : 375);
}

function Side({ mail, answer, place, go, spot, onBlock, onText, version }: { mail: Mail } & Props) {
  const width = useWidth(place);
  const blocks = useBlocks(place.view === 'email' ? mail.hash : null);
  switch (place.view) {
    case 'email':
      return (
        <MailFrame
          hash={mail.hash}
          width={width}
          looks={looksOf(place)}
          blocks={blocks}
          spot={spot}
          onBlock={onBlock}
          onText={onText}
          html={mail.html}
          onWidth={(next) => go({ width: next }, { gesture: 'width' })}
        />
      );
    case 'text':
      return <Source text={mail.text} label="Text part" className="text-part" />;
    case 'html':
      return (
        <Suspense fallback={<Opening />}>
          <Code
            text={mail.html}
            file="mail.html"
            label="HTML source"
            clippedAt={clipOf(mail.html)}
          />
        </Suspense>
      );
    case 'template':
      return (
        answer && (
          <TemplateView template={answer.template} locale={answer.locale} version={version} />
        )
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

type FootProps = Pick<Props, 'query' | 'place'> & {
  readonly answer: RenderAnswer;
  readonly mail: Mail;
};

function Foot({ answer, mail, query, place }: FootProps) {
  const width = useWidth(place);
  const [testing, setTesting] = useState(false);
  const { html } = mail.size;
  const share = html / clippedBytes;
  return (
    <footer className="foot">
      <span className={share > 1 ? 'bad' : share > 90 / 102 ? 'warn' : ''}>
        {Math.ceil(html / 1024)} KB{share > 1 ? ': Gmail clips what is over 102 KB' : ' of 102 KB'}
      </span>
      {mail.countsClicks && (
        <span title="Here they lead where they lead; in the mail that is sent, through Laurel">
          Links are counted once it is sent
        </span>
      )}
      <span className="foot-links">
        <button type="button" className="plain" onClick={() => setTesting(true)}>
          Send test
        </button>
        {testing && <SendTest of={query && { request: query }} onClose={() => setTesting(false)} />}
        <SaveAs answer={answer} mail={mail} place={place} width={width} />
        <CopyButton text={location.href} name="Copy address" said="Address copied" />
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
