import { useEffect, useRef } from 'react';

import type { BrandEntry, PersonaEntry, RenderAnswer, RenderQuery, Trial } from '../protocol.ts';
import { BreakingPoints } from './breaking.tsx';
import { Checks } from './checks.tsx';
import { Data } from './data.tsx';
import { Message } from './message.tsx';
import { type Panel, panels, type Place } from './place.ts';
import { Why } from './why.tsx';
import { useWide } from './wide.ts';

type Props = {
  readonly answer: RenderAnswer | null;
  readonly query: RenderQuery | null;
  readonly brand: BrandEntry;
  readonly place: Place;
  readonly personas: readonly PersonaEntry[];
  /** Another state of the page, such as one that breaks the layout. */
  readonly onOpen: (change: Partial<Place>) => void;
  readonly panel: Panel | null;
  readonly stale: boolean;
  /** Rises with every save. */
  readonly version: number;
  readonly onPanel: (panel: Panel) => void;
  readonly onClose: () => void;
  /** A block that was clicked in the mail: its card opens. */
  readonly opened: { readonly card: string } | null;
  /** What was clicked in the mail, the nearest text first. */
  readonly clicked: { readonly texts: readonly string[] } | null;
  readonly onUnclick: () => void;
  readonly onSpot: (card: string) => void;
  readonly onTry: (trial: Trial) => void;
  readonly onPersona: (id: string) => void;
  readonly onChange: (path: string, value: string) => void;
  readonly onData: (path: string, value: string) => void;
  readonly onCancelled: (cancelled: boolean) => void;
  readonly onText: () => void;
};

const names: Readonly<Record<Panel, string>> = {
  why: 'Why',
  data: 'Member',
  message: 'Message',
  checks: 'Checks',
};

/** Why the mail looks as it does, what could be changed, and what is wrong with it: a column, or a drawer beside the mail on a narrow page. */
export function Inspector(props: Props) {
  const { answer, panel, stale, onPanel, onClose } = props;
  const wide = useWide(1200);
  const aside = useRef<HTMLElement>(null);
  const open = wide || panel !== null;
  const chosen = panel ?? 'why';

  const wasOpen = useRef(open);
  useEffect(() => {
    // Opened by hand: the keyboard goes along. Opened with the page: it doesn't.
    if (!wide && open && !wasOpen.current) aside.current?.querySelector('button')?.focus();
    wasOpen.current = open;
  }, [open, wide]);

  if (!open) return null;
  return (
    <aside
      ref={aside}
      className={stale ? 'inspector stale' : 'inspector'}
      aria-label="Why, data and checks"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !wide) onClose();
      }}
    >
      <div className="inspector-head">
        <div className="tabs" role="group" aria-label="Panel">
          {panels.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={chosen === one}
              onClick={() => onPanel(one)}
            >
              {names[one]}
            </button>
          ))}
        </div>
        {!wide && (
          <button type="button" className="plain close" onClick={onClose}>
            Close
          </button>
        )}
      </div>
      <div className="inspector-body" tabIndex={0} role="region" aria-label={names[chosen]}>
        {answer && <Chosen {...props} panel={chosen} answer={answer} />}
      </div>
    </aside>
  );
}

function Chosen({
  answer,
  query,
  brand,
  place,
  personas,
  onOpen,
  panel,
  version,
  opened,
  clicked,
  onUnclick,
  onSpot,
  onTry,
  onPersona,
  onChange,
  onData,
  onCancelled,
  onText,
}: Props & { readonly answer: RenderAnswer; readonly panel: Panel }) {
  switch (panel) {
    case 'why':
      return (
        <Why
          answer={answer}
          query={query}
          version={version}
          opened={opened}
          clicked={clicked}
          onUnclick={onUnclick}
          onSpot={onSpot}
          onTry={onTry}
          onPersona={onPersona}
        />
      );
    case 'data':
      return <Data key={answer.persona} controls={answer.controls} onChange={onChange} />;
    case 'message':
      return (
        <Message
          key={`${answer.template} ${answer.sample}`}
          answer={answer}
          onData={onData}
          onCancelled={onCancelled}
        />
      );
    case 'checks':
      return (
        <>
          <Checks answer={answer} version={version} onText={onText} />
          <BreakingPoints
            key={answer.template}
            answer={answer}
            query={query}
            brand={brand}
            place={place}
            personas={personas}
            onOpen={onOpen}
          />
        </>
      );
    default:
      return panel satisfies never;
  }
}
