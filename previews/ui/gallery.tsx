import { useState } from 'react';

import type { BrandEntry, PersonaEntry, TemplateEntry } from '../protocol.ts';
import { useChecks, useRendering } from './answers.ts';
import { Empty, ErrorNotice } from './error-report.tsx';
import { addressOf, type Place } from './place.ts';
import type { RoomProps } from './room.ts';
import { Thumb } from './thumb.tsx';
import { useSeen } from './visible.ts';

const orders = {
  class: 'By class',
  edited: 'Last edited first',
} as const;
type Order = keyof typeof orders;

/** All mails of a brand at a glance. */
export function Gallery({ choice, place, go, events, onMenu }: RoomProps) {
  const { usable, brand, personas } = choice;
  const [order, setOrder] = useState<Order>('class');
  const [persona] = personas;
  const edited = usable.toSorted((one, other) =>
    (other.editedAt ?? '').localeCompare(one.editedAt ?? ''),
  );
  const sections =
    order === 'edited'
      ? [{ title: 'Last edited first', mails: edited }]
      : (['transactional', 'commercial'] as const).map((kind) => ({
          title: kind === 'transactional' ? 'Transactional' : 'Commercial',
          mails: usable.filter((one) => one.class === kind),
        }));
  if (!brand || !persona)
    return (
      <main className="stage">
        <Empty title="Nobody to show mails for">
          <p>Write fixtures/{brand?.id ?? 'brand'}/personas.json, and the mails appear here.</p>
        </Empty>
      </main>
    );
  return (
    <main className="stage">
      <header className="head">
        <div className="head-line">
          <button type="button" className="menu-button" onClick={onMenu}>
            Templates
          </button>
          <h1>{brand.name}</h1>
          <span className="quiet">{usable.length} mails</span>
          <div className="pair rooms" role="group" aria-label="Order">
            {Object.entries(orders).map(([one, name]) => (
              <button
                key={one}
                type="button"
                aria-pressed={order === one}
                onClick={() => setOrder(one === 'edited' ? 'edited' : 'class')}
              >
                {name}
              </button>
            ))}
          </div>
        </div>
      </header>
      {events.report && <ErrorNotice report={events.report} />}
      <div className="gallery">
        {sections
          .filter(({ mails }) => mails.length > 0)
          .map(({ title, mails }) => (
            <section key={title} aria-label={`Mails: ${title}`}>
              <h2 className="small-title">{title}</h2>
              <ul className="mail-cards">
                {mails.map((template) => (
                  <MailCard
                    key={`${brand.id} ${template.name}`}
                    template={template}
                    brand={brand}
                    persona={persona}
                    place={place}
                    go={go}
                    version={events.version}
                  />
                ))}
              </ul>
            </section>
          ))}
      </div>
    </main>
  );
}

type CardProps = Pick<RoomProps, 'place' | 'go'> & {
  readonly template: TemplateEntry;
  readonly brand: BrandEntry;
  readonly persona: PersonaEntry;
  readonly version: number;
};

function MailCard({ template, brand, persona, place, go, version }: CardProps) {
  const [card, seen] = useSeen<HTMLLIElement>();
  const { answer, report } = useRendering(
    seen ? { template: template.name, brand: brand.id, persona: persona.id } : null,
    version,
  );
  const to: Place = { ...place, room: 'mail', template: template.name, brand: brand.id };
  const mail = answer?.mail ?? null;
  return (
    <li ref={card}>
      <a
        href={addressOf(to)}
        className="mail-card"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go(to);
        }}
      >
        <Thumb hash={mail?.hash ?? null} dimmed={answer?.hypothetical !== null} />
        <span className="mail-card-title">{template.title}</span>
        <span className="mail-card-line">
          {report ? (
            <span className="badge bad">Can’t be rendered</span>
          ) : mail ? (
            <Badge hash={mail.hash} version={version} />
          ) : (
            <span className="badge" />
          )}
          {template.editedAt !== null && <span>{ago(template.editedAt)}</span>}
        </span>
      </a>
    </li>
  );
}

/** What checks say, in two words. */
function Badge({ hash, version }: { hash: string; version: number }) {
  const { checks } = useChecks(hash, version, false);
  if (!checks) return <span className="badge">…</span>;
  const count = (severity: string) =>
    checks.findings.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  if (errors > 0) return <span className="badge bad">{errors} to fix</span>;
  if (warnings > 0) return <span className="badge warn">{warnings} to look at</span>;
  return <span className="badge good">Checked</span>;
}

function ago(instant: string): string {
  const minutes = (Date.now() - Date.parse(instant)) / 60_000;
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  if (minutes < 60) return format.format(-Math.round(minutes), 'minute');
  if (minutes < 24 * 60) return format.format(-Math.round(minutes / 60), 'hour');
  return format.format(-Math.round(minutes / 1440), 'day');
}
