import type { RenderQuery } from '../protocol.ts';
import { useRendering } from './answers.ts';
import { LooksBar, useWidth } from './canvas.tsx';
import { type Choice, queryOf } from './choice.ts';
import { DifferenceList } from './difference-list.tsx';
import { ErrorSheet } from './error-report.tsx';
import { languageName } from './language.ts';
import { looksOf } from './looks.ts';
import { MailFrame } from './mail-frame.tsx';
import { PersonaPicker } from './persona-picker.tsx';
import type { Beside, Place } from './place.ts';
import { RoomHead } from './room-head.tsx';
import type { TemplateRoomProps } from './room.ts';
import { Setting } from './setting.tsx';

/** Two of one mail side by side, scrolling as one, and what is different between them. */
export function Compare({ choice, place, go, events, onMenu, template, brand }: TemplateRoomProps) {
  const { personas, persona } = choice;
  const { beside } = place;
  const query = queryOf(choice, place);
  const other =
    personas.find(({ id }) => id === beside.persona) ??
    (beside.live ? persona : otherOf(personas, persona));
  const left = useRendering(query, events.version);
  const right = useRendering(
    query && other ? besideOf(query, beside, other.id) : null,
    events.version,
  );
  const change = (to: Partial<Beside>) => go({ beside: { ...beside, ...to } });
  if (!persona || !other) return null;
  return (
    <main className="stage" aria-busy={left.pending || right.pending}>
      <header className="head">
        <RoomHead template={template} place={place} go={go} onMenu={onMenu} />
        <div className="two">
          <Setting
            place={place}
            brand={brand}
            personas={personas}
            persona={persona}
            answer={left.answer}
            go={go}
          />
          <div className="setting" role="group" aria-label="With">
            <PersonaPicker
              personas={personas}
              persona={other}
              onChoose={(id) => change({ persona: id })}
            />
            <label className="field">
              <span>Version</span>
              <select
                value={beside.live ? 'live' : ''}
                onChange={({ target }) =>
                  change({ live: target.value === 'live', persona: beside.persona })
                }
              >
                <option value="">The draft, as it is saved</option>
                <option value="live">What is live</option>
              </select>
            </label>
            <label className="field">
              <span>Language</span>
              <select
                value={beside.locale ?? ''}
                onChange={({ target }) => change({ locale: target.value || null })}
              >
                <option value="">Their own: {languageName(other.locale)}</option>
                {brand.locales.map((locale) => (
                  <option key={locale} value={locale}>
                    {languageName(locale)}
                  </option>
                ))}
              </select>
            </label>
            <label className="field">
              <span>As of</span>
              <input
                type="date"
                value={(beside.at ?? right.answer?.at ?? '').slice(0, 10)}
                onChange={({ target }) => change({ at: target.value || null })}
              />
            </label>
          </div>
        </div>
      </header>
      {left.answer && right.answer && <DifferenceList left={left.answer} right={right.answer} />}
      <section className="canvas" aria-label="Both mails">
        <div className="toolbar">
          <LooksBar place={place} go={go} />
        </div>
        <div className="desk two">
          <One rendered={left} place={place} />
          <One rendered={right} place={place} />
        </div>
      </section>
    </main>
  );
}

/** Somebody else, for a start. */
const otherOf = (personas: Choice['personas'], persona: Choice['persona']) =>
  personas.find((one) => one !== persona) ?? persona;

/** Of the same persona, live, it is the very same mail; of another one theirs. */
const besideOf = (query: RenderQuery, beside: Beside, persona: string): RenderQuery => ({
  ...(beside.live && persona === query.persona
    ? query
    : { template: query.template, brand: query.brand, at: query.at }),
  persona,
  ...(beside.live && { version: 'live' }),
  ...(beside.locale !== null && { locale: beside.locale }),
  ...(beside.at !== null && { at: beside.at }),
});

function One({
  rendered: { answer, report },
  place,
}: {
  readonly rendered: ReturnType<typeof useRendering>;
  readonly place: Place;
}) {
  const width = useWidth(place);
  if (report) return <ErrorSheet report={report} />;
  if (!answer) return <div className="side" />;
  return (
    <div className={answer.hypothetical === null ? 'side' : 'side dimmed'}>
      <p className={`side-verdict ${answer.verdict.kind}`}>{answer.verdict.sentence}</p>
      {answer.mail && (
        <>
          <p className="side-subject">{answer.mail.subject}</p>
          <div className="sheet">
            <MailFrame hash={answer.mail.hash} width={width} looks={looksOf(place)} />
          </div>
        </>
      )}
    </div>
  );
}
