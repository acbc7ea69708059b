import { useEffect, useState } from 'react';

import { startOfDay } from '../../src/core/calendar.ts';
import type { BrandEntry, RenderAnswer } from '../protocol.ts';
import { renderOnce } from './answers.ts';
import { ErrorNotice } from './error-report.tsx';
import { addressOf, type Place, untried } from './place.ts';
import { RoomHead } from './room-head.tsx';
import type { TemplateRoomProps } from './room.ts';
import { Thumb } from './thumb.tsx';
import { YearDryRun } from './year-dry-run.tsx';

/** A review of a year before it is sent: where the year begins and ends, its two variants, and what would become of an audience. */
export function YearRoom(props: TemplateRoomProps) {
  const { place, go, events, onMenu, template, brand } = props;
  const year = place.year ?? dueYear(brand);
  return (
    <main className="stage">
      <header className="head">
        <RoomHead template={template} place={place} go={go} onMenu={onMenu} />
      </header>
      {events.report && <ErrorNotice report={events.report} />}
      <div className="publish">
        <Boundary brand={brand} year={year} onYear={(next) => go({ year: next })} />
        <Variants {...props} />
        <YearDryRun
          key={year}
          template={template.name}
          brand={brand.id}
          year={year}
          place={place}
          go={go}
        />
      </div>
    </main>
  );
}

const yearOf = (instant: number, { timeZone }: BrandEntry) =>
  Number(new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric' }).format(instant));

/** From the autumn on people plan the running year's, before that the last one's. */
function dueYear(brand: BrandEntry): number {
  const now = Date.now();
  const year = yearOf(now, brand);
  return now < startOfDay(`${year}-10-01`, brand.timeZone) ? year - 1 : year;
}

const utc = (instant = 0) =>
  `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

type BoundaryProps = {
  readonly brand: BrandEntry;
  readonly year: number;
  readonly onYear: (year: number) => void;
};

function Boundary({ brand, year, onYear }: BoundaryProps) {
  const { name, timeZone } = brand;
  const [now] = useState(() => Date.now());
  const [from, to] = [year, year + 1].map((one) => startOfDay(`${one}-01-01`, timeZone));
  const newest = yearOf(now, brand);
  const days = Math.ceil(((to ?? 0) - now) / 86_400_000);
  return (
    <section>
      <h2 className="small-title">The year</h2>
      <label className="field">
        <span>Looks back on</span>
        <select value={year} onChange={({ target }) => onYear(Number(target.value))}>
          {Array.from({ length: 5 }, (_, back) => newest - back).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <p>
        <strong>
          1 January {year}, 00:00 to 31 December {year}, 24:00 in {timeZone}
        </strong>{' '}
        <span className="quiet">
          ({utc(from)} to {utc(to)})
        </span>
      </p>
      <p className="quiet">
        An order belongs to the year it was placed in by {name}’s clock, wherever the member is, and
        so do its points, whenever they were posted.{' '}
        {days > 0
          ? `The year has ${days} ${days === 1 ? 'day' : 'days'} to go: each member’s figures are counted when their message is made, and stay as they were then.`
          : 'Each member’s figures are counted when their message is made.'}
      </p>
    </section>
  );
}

type Told = { readonly id: string; readonly name: string; readonly answer: RenderAnswer };

type Looked = { readonly told: readonly Told[]; readonly done: number };

/** Which of its variants each persona gets, by the decision itself. */
function Variants({ choice, place, go, template, brand, events }: TemplateRoomProps) {
  const { personas } = choice;
  const [{ told, done }, setLooked] = useState<Looked>({ told: [], done: 0 });
  const asked: Asked = {
    template: template.name,
    brand: brand.id,
    personas: personas.map(({ id, name }) => ({ id, name })),
    version: events.version,
  };
  // The same question, whatever objects it came in.
  const of = JSON.stringify(asked);
  useEffect(() => {
    const abort = new AbortController();
    void renderAll(of, abort.signal, setLooked);
    return () => abort.abort();
  }, [of]);
  const needed = brand.reviewMinimumPurchases;
  const groups: readonly { readonly title: string; readonly those: readonly Told[] }[] = [
    {
      title: `With figures: ${needed} ${needed === 1 ? 'purchase' : 'purchases'} or more`,
      those: told.filter((one) => variantOf(one) === 'full'),
    },
    {
      title: 'The small one: fewer, thanked without figures',
      those: told.filter((one) => variantOf(one) === 'small'),
    },
    { title: 'Not sent', those: told.filter((one) => variantOf(one) === 'none') },
  ];
  return (
    <section>
      <h2 className="small-title">Who gets what, of the personas</h2>
      {done < personas.length && (
        <p className="quiet" role="status">
          {done} of {personas.length} looked at …
        </p>
      )}
      {groups
        .filter(({ those }) => those.length > 0)
        .map(({ title, those }) => (
          <div key={title} className="variant">
            <h3>
              {title} <span className="quiet">{those.length}</span>
            </h3>
            <ul className="live-changes">
              {those.map((one) => (
                <li key={one.id}>
                  <PersonaCell one={one} place={place} go={go} />
                </li>
              ))}
            </ul>
          </div>
        ))}
    </section>
  );
}

type Asked = {
  readonly template: string;
  readonly brand: string;
  readonly personas: readonly { readonly id: string; readonly name: string }[];
  readonly version: number;
};

async function renderAll(
  of: string,
  signal: AbortSignal,
  tell: (looked: Looked) => void,
): Promise<void> {
  const { template, brand, personas }: Asked = JSON.parse(of);
  const told: Told[] = [];
  for (const [index, { id, name }] of personas.entries()) {
    const answer = await renderOnce({ template, brand, persona: id });
    if (signal.aborted) return;
    if ('verdict' in answer) told.push({ id, name, answer });
    tell({ told: [...told], done: index + 1 });
  }
}

function variantOf({ answer }: Told): 'full' | 'small' | 'none' {
  if (answer.verdict.kind !== 'send') return 'none';
  const { steps } = answer.decision.blocks.find(({ block }) => block === 'year-in-review') ?? {};
  const { actual, needed } = steps?.at(-1) ?? {};
  return typeof actual === 'number' && typeof needed === 'number' && actual >= needed
    ? 'full'
    : 'small';
}

function PersonaCell({ one, place, go }: { one: Told } & Pick<TemplateRoomProps, 'place' | 'go'>) {
  const { id, name, answer } = one;
  const to: Place = { ...place, ...untried, room: 'mail', persona: id };
  const why = answer.blocks.find((card) => card.id === 'year-in-review')?.sentence;
  return (
    <a
      href={addressOf(to)}
      className="cell"
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <Thumb hash={answer.mail?.hash ?? null} dimmed={answer.verdict.kind !== 'send'} />
      <strong>{name}</strong>
      <span className="cell-why">
        {answer.verdict.kind === 'send' ? why : answer.verdict.sentence}
      </span>
    </a>
  );
}
