import { useEffect, useRef, useState } from 'react';

import type { TemplateEntry } from '../protocol.ts';
import { useEvents, useLists } from './answers.ts';
import { Campaigns } from './campaigns.tsx';
import { type Choice, choiceOf } from './choice.ts';
import { Compare } from './compare.tsx';
import { Empty, ErrorSheet } from './error-report.tsx';
import { Gallery } from './gallery.tsx';
import { Help } from './help.tsx';
import { useKeys } from './keys.ts';
import { MailRoom } from './mail-room.tsx';
import { Matrix } from './matrix.tsx';
import { type Go, type Place, type Room, readBy, unsent, untried, usePlace } from './place.ts';
import { Publish } from './publish.tsx';
import { Sent } from './sent.tsx';
import { TemplateList } from './template-list.tsx';
import { YearRoom } from './year.tsx';

/** The workplace: mails left, and the room that the address names. */
export function App() {
  const [asked, go] = usePlace();
  const events = useEvents();
  const { lists, report } = useLists(events.version);
  const [menuOpen, setMenuOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const choice = choiceOf(lists, asked);
  const { template, brand, persona } = choice;
  const place = readBy(asked, persona?.reads);

  useEffect(() => {
    document.title = template ? `${template.title} · Laurel preview` : 'Laurel preview';
  }, [template]);
  const choose = (name: string) => {
    setMenuOpen(false);
    const room = ofTemplates(place.room) && place.room !== 'year' ? place.room : 'mail';
    go({ ...unsent, room, template: name, sample: null, data: {}, cancelled: null });
  };
  useKeys({
    place,
    go,
    choice,
    onChoose: choose,
    onHelp: () => setHelpOpen(true),
    onSearch: () =>
      menuOpen || search.current?.checkVisibility() ? search.current?.focus() : setMenuOpen(true),
  });
  if (!lists)
    return (
      <main className="alone">
        {report ? (
          <ErrorSheet report={report} />
        ) : (
          <p className="quiet" role="status">
            {events.counting ? 'Reading the personas’ ledgers …' : 'Getting the templates ready …'}
          </p>
        )}
      </main>
    );
  const onMenu = () => setMenuOpen(true);
  return (
    <div className="app">
      <TemplateList
        templates={choice.templates}
        brands={choice.brands}
        brand={brand}
        room={place.room}
        chosen={ofTemplates(place.room) ? (template?.name ?? null) : null}
        open={menuOpen}
        search={search}
        onClose={() => setMenuOpen(false)}
        onChoose={choose}
        onBrand={(id) => chooseBrand(id, choice, place, go)}
        onRoom={(room) => {
          setMenuOpen(false);
          go({ ...untried, ...unsent, room, template: null, panel: null });
        }}
        onHelp={() => setHelpOpen(true)}
      />
      <Shown
        choice={choice}
        place={place}
        go={go}
        events={events}
        report={report}
        onMenu={onMenu}
      />
      <Help open={helpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

/** Whether a room shows one mail. */
const ofTemplates = (room: Room) => room !== 'gallery' && room !== 'sent' && room !== 'campaigns';

type ShownProps = {
  readonly choice: Choice;
  readonly place: Place;
  readonly go: Go;
  readonly events: ReturnType<typeof useEvents>;
  readonly report: ReturnType<typeof useLists>['report'];
  readonly onMenu: () => void;
};

function Shown(props: ShownProps) {
  const { choice, place, onMenu } = props;
  const { template, brand, templates, unknown } = choice;
  if (place.room === 'sent') return <Sent {...props} />;
  if (place.room === 'campaigns') return <Campaigns {...props} />;
  if (place.room === 'gallery' && templates.length > 0 && unknown.length === 0)
    return <Gallery {...props} />;
  const menu = (
    <button type="button" className="menu-button" onClick={onMenu}>
      Templates
    </button>
  );
  if (!template || !brand)
    return (
      <main className="stage">
        <Empty
          alone
          title={templates.length === 0 ? 'No templates yet' : 'There is no such template'}
        >
          <p>
            {templates.length === 0
              ? 'A template is a folder in templates/ and its line in templates/index.ts.'
              : `The address names “${place.template ?? ''}”, which isn’t there. Choose one from the list.`}
          </p>
          {menu}
        </Empty>
      </main>
    );
  if (unknown.length > 0) return <UnknownIds {...props} menu={menu} />;
  if (!choice.hasSample)
    return (
      <main className="stage">
        <header className="head">
          <div className="head-line">
            {menu}
            <h1>{template.title}</h1>
          </div>
        </header>
        <Empty title={`${brand.name} has no sample for this mail yet`}>
          <p>
            A sample is the data of one such message: what was ordered, booked or posted. Save it as{' '}
            <code>
              fixtures/{brand.id}/samples/{template.name}.json
            </code>{' '}
            and the mail appears here.
          </p>
        </Empty>
      </main>
    );
  switch (place.room) {
    case 'compare':
      return <Compare {...props} template={template} brand={brand} />;
    case 'matrix':
      return (
        <Matrix key={`${template.name} ${brand.id}`} {...props} template={template} brand={brand} />
      );
    case 'publish':
      return <Publish {...props} key={template.name} template={template} brand={brand} />;
    case 'year':
      return <YearRoom {...props} key={brand.id} template={template} brand={brand} />;
    case 'gallery':
    case 'mail':
      return <MailRoom {...props} template={template} brand={brand} />;
    default:
      return place.room satisfies never;
  }
}

/** A link that names what isn't there is told, not put right in silence. */
function UnknownIds({ choice, go, menu }: ShownProps & { readonly menu: React.ReactNode }) {
  const { unknown, brand, personas } = choice;
  return (
    <main className="stage">
      <Empty alone title={`There is no ${unknown.join(' and no ')}`}>
        <p>
          The address names what {brand?.name ?? 'this project'} doesn’t have; it may have been
          renamed since. {personas.length} personas are there to choose from.
        </p>
        <div className="row-of-buttons">
          <button
            type="button"
            className="button"
            onClick={() =>
              go({
                ...untried,
                beside: { persona: null, locale: null, at: null, live: false },
                persona: null,
                ...(unknown[0]?.startsWith('brand') && { brand: null }),
              })
            }
          >
            Show it without
          </button>
          {menu}
        </div>
      </Empty>
    </main>
  );
}

function chooseBrand(id: string, { template, templates }: Choice, place: Place, go: Go): void {
  const has = (one: TemplateEntry | undefined) => one?.brands.includes(id) ?? false;
  const next = has(template) ? template : templates.find(has);
  go({
    ...untried,
    brand: id,
    persona: null,
    template: place.room === 'gallery' ? null : (next?.name ?? place.template),
  });
}
