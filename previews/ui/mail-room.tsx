import { useState } from 'react';

import type { ErrorReport, RenderAnswer, RenderQuery, Trial } from '../protocol.ts';
import { useRendering } from './answers.ts';
import { Canvas } from './canvas.tsx';
import { Changes } from './changes.tsx';
import { queryOf } from './choice.ts';
import { ErrorNotice } from './error-report.tsx';
import { Inspector } from './inspector.tsx';
import { type Go, type Place, untried } from './place.ts';
import { RoomHead } from './room-head.tsx';
import type { TemplateRoomProps } from './room.ts';
import { Setting } from './setting.tsx';
import { VerdictStrip } from './verdict.tsx';

/** One mail: who gets it, whether it goes, how it looks; beside it why, and what could be changed. */
export function MailRoom({
  choice,
  place,
  go,
  events,
  report: listReport,
  onMenu,
  template,
  brand,
}: TemplateRoomProps) {
  const query = queryOf(choice, place);
  const { answer, report, pending } = useRendering(query, events.version);
  const shown = answer?.template === template.name && answer.brand === brand.id ? answer : null;
  const actions = actionsOf(place, go);
  const [spot, setSpot] = useState<{ readonly card: string } | null>(null);
  const [opened, setOpened] = useState<{ readonly card: string } | null>(null);
  const [clicked, setClicked] = useState<{ readonly texts: readonly string[] } | null>(null);
  const told = events.report;
  const stale = report ?? (told && (events.stale || concerns(told, template.name)) ? told : null);
  return (
    <>
      <main className="stage" aria-busy={pending}>
        <MailHead {...{ template, brand, choice, place, go, onMenu, answer: shown, query }} />
        {shown && (
          <VerdictStrip
            verdict={shown.verdict}
            hypothetical={shown.hypothetical}
            stale={stale !== null}
            onTry={actions.tryIt}
            onPersona={actions.toPersona}
          />
        )}
        {events.counting && (
          <p className="counting quiet" role="status">
            Reading the ledger …
          </p>
        )}
        {events.report && !stale && <ErrorNotice report={events.report} />}
        <Canvas
          answer={shown}
          query={query}
          report={stale ?? listReport}
          place={place}
          go={go}
          spot={spot}
          onBlock={(card) => {
            setOpened({ card });
            go({ panel: 'why' }, { replace: true });
          }}
          onText={(texts) => {
            const said = texts.filter((text) => text !== '' && text.length <= 2_000);
            if (said.length > 0) setClicked({ texts: said });
          }}
          version={events.version}
        />
        <p className={pending && events.saving ? 'saving up' : 'saving'} role="status">
          {pending && events.saving && 'Saved, rendering …'}
        </p>
      </main>
      <Inspector
        answer={shown}
        query={query}
        brand={brand}
        place={place}
        personas={choice.personas}
        onOpen={go}
        panel={place.panel}
        stale={stale !== null}
        version={events.version}
        onPanel={(panel) => go({ panel }, { replace: true })}
        onClose={() => go({ panel: null }, { replace: true })}
        opened={opened}
        clicked={clicked}
        onUnclick={() => setClicked(null)}
        onSpot={(card) => {
          setSpot({ card });
          if (place.view !== 'email') go({ view: 'email' });
        }}
        onTry={actions.tryIt}
        onPersona={actions.toPersona}
        onChange={actions.change}
        onData={actions.changeData}
        onCancelled={(cancelled) => go({ cancelled })}
        onText={() => go({ view: 'text' })}
      />
    </>
  );
}

function MailHead({
  template,
  brand,
  choice: { persona, personas },
  place,
  go,
  onMenu,
  answer,
  query,
}: Pick<TemplateRoomProps, 'template' | 'brand' | 'choice' | 'place' | 'go' | 'onMenu'> & {
  readonly answer: RenderAnswer | null;
  readonly query: RenderQuery | null;
}) {
  return (
    <header className="head">
      <RoomHead template={template} place={place} go={go} onMenu={onMenu} />
      {persona && (
        <Setting
          place={place}
          brand={brand}
          personas={personas}
          persona={persona}
          answer={answer}
          go={go}
        />
      )}
      <Changes
        changes={answer?.changes ?? []}
        place={place}
        query={query}
        personas={personas}
        onRemove={actionsOf(place, go).takeBack}
        go={go}
      />
    </header>
  );
}

/** Whether an error is in this very template, or in what every mail is made of. */
const concerns = ({ problems }: ErrorReport, template: string) =>
  problems.some(({ file }) => file?.startsWith(`templates/${template}/`));

function actionsOf(place: Place, go: Go) {
  return {
    tryIt: ({ move }: Trial) =>
      go({
        set: {
          ...place.set,
          ...Object.fromEntries(
            Object.entries(move.set ?? {}).map(([path, value]) => [path, asText(value)]),
          ),
        },
        ...(move.at !== undefined && { at: move.at }),
        ...(move.cancelled !== undefined && { cancelled: move.cancelled }),
        ...(move.sample !== undefined && { sample: move.sample, data: {} }),
      }),
    toPersona: (persona: string) => go({ ...untried, at: place.at, persona }),
    change: (path: string, value: string) =>
      go({ set: { ...place.set, [path]: value } }, { gesture: path }),
    changeData: (path: string, value: string) =>
      go({ data: { ...place.data, [path]: value } }, { gesture: `data.${path}` }),
    takeBack: (path: string) =>
      go({
        set: Object.fromEntries(
          Object.entries(place.set).filter(([key]) => key !== path && !key.startsWith(`${path}.`)),
        ),
      }),
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
