import { useEffect, useEffectEvent, useState } from 'react';

import type { PersonaEntry } from '../protocol.ts';
import { useRendering } from './answers.ts';
import { ErrorNotice } from './error-report.tsx';
import { Face } from './face.tsx';
import { languageName } from './language.ts';
import { addressOf, type Place, untried } from './place.ts';
import { RoomHead } from './room-head.tsx';
import type { TemplateRoomProps } from './room.ts';
import { Thumb } from './thumb.tsx';
import { useSeen } from './visible.ts';

/** What is known of one mail of the table. */
type Cell = {
  readonly hash: string | null;
  /** As it was when the page was opened; undefined where it still is. */
  readonly before: string | null | undefined;
};

/** One mail for everybody in every language: who gets it, how it looks, and what the last save changed. */
export function Matrix({ choice, place, go, events, onMenu, template, brand }: TemplateRoomProps) {
  const { personas } = choice;
  const [cells, setCells] = useState<ReadonlyMap<string, Cell>>(new Map());
  const total = personas.length * brand.locales.length;
  const changed = [...cells.values()].filter(({ before }) => before !== undefined).length;
  const [verdicts, setVerdicts] = useState<ReadonlyMap<string, string>>(new Map());
  const onHash = (key: string, hash: string | null) =>
    setCells((last) => {
      const known = last.get(key);
      if (known?.hash === hash) return last;
      // Changed and changed back: it is as it was when the page was opened.
      const first = known && (known.before === undefined ? known.hash : known.before);
      return new Map([...last, [key, { hash, before: first === hash ? undefined : first }]]);
    });
  return (
    <main className="stage">
      <header className="head">
        <RoomHead template={template} place={place} go={go} onMenu={onMenu} />
        <p className="matrix-sum" role="status">
          {changed > 0
            ? `Since you opened this page, saves changed ${changed} of ${total} mails.`
            : `${personas.length} personas in ${brand.locales.length} languages: ${total} mails. Save a file, and what it changes is marked.`}
          {cells.size < total && ` ${cells.size} looked at so far.`}
          {changed > 0 && (
            <button
              type="button"
              className="plain"
              onClick={() =>
                setCells(
                  new Map([...cells].map(([key, { hash }]) => [key, { hash, before: undefined }])),
                )
              }
            >
              Start afresh
            </button>
          )}
        </p>
        <Reasons sentences={[...verdicts.values()]} />
      </header>
      {events.report && <ErrorNotice report={events.report} />}
      <div className="matrix" tabIndex={0} role="region" aria-label="Mails by persona and language">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span className="hidden">Persona</span>
              </th>
              {brand.locales.map((locale) => (
                <th key={locale} scope="col">
                  {languageName(locale)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {personas.map((persona, row) => (
              <tr key={persona.id}>
                <th scope="row">
                  <Face persona={persona} />
                  <span>
                    {persona.name}
                    <small>{persona.title}</small>
                  </span>
                </th>
                {brand.locales.map((locale, column) => {
                  const key = `${persona.id} ${locale}`;
                  return (
                    <td key={locale}>
                      <MailCell
                        template={template}
                        brand={brand}
                        persona={persona}
                        locale={locale}
                        place={place}
                        go={go}
                        version={events.version}
                        // What nobody has seen yet is looked at all the same, a few at a time.
                        due={row * brand.locales.length + column < cells.size + lookedAhead}
                        before={cells.get(key)?.before}
                        onHash={(hash, sentence) => {
                          onHash(key, hash);
                          setVerdicts((last) =>
                            last.get(key) === sentence ? last : new Map([...last, [key, sentence]]),
                          );
                        }}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </main>
  );
}

const lookedAhead = 4;

/** How many of the mails looked at so far go out, and why the others don't. */
function Reasons({ sentences }: { readonly sentences: readonly string[] }) {
  const counts = new Map<string, number>();
  for (const sentence of sentences) {
    // Names, days and places differ from one to the next; the reason is the same.
    const reason = sentence.replace(/ since .*$/, '');
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  return (
    <ul className="reasons" aria-label="By reason">
      {[...counts]
        .toSorted(([, one], [, other]) => other - one)
        .map(([reason, count]) => (
          <li key={reason}>
            {reason}:{' '}
            <strong>
              {count} {count === 1 ? 'mail' : 'mails'}
            </strong>
          </li>
        ))}
    </ul>
  );
}

type CellProps = Pick<TemplateRoomProps, 'template' | 'brand' | 'place' | 'go'> & {
  readonly persona: PersonaEntry;
  readonly locale: string;
  readonly version: number;
  /** Whether it is looked at, seen or not. */
  readonly due: boolean;
  /** What it was before a save changed it; undefined where none did. */
  readonly before: string | null | undefined;
  /** Told of each new mail, and of whether and why it goes. */
  readonly onHash: (hash: string | null, sentence: string) => void;
};

const badges = {
  send: { className: 'badge good', name: 'Sent' },
  suppress: { className: 'badge bad', name: 'Not sent' },
  hold: { className: 'badge warn', name: 'Waits' },
} as const;

function MailCell(props: CellProps) {
  const { template, brand, persona, locale, place, go, version, due, before, onHash } = props;
  const changed = before !== undefined;
  const told = useEffectEvent(onHash);
  const [cell, seen] = useSeen<HTMLAnchorElement>();
  const { answer, report } = useRendering(
    seen || due ? { template: template.name, brand: brand.id, persona: persona.id, locale } : null,
    version,
  );
  const hash = answer ? (answer.mail?.hash ?? null) : report ? null : undefined;
  const sentence = answer?.verdict.sentence ?? 'Can’t be rendered';
  useEffect(() => {
    if (hash !== undefined) told(hash, sentence);
  }, [hash, sentence]);
  const to: Place = { ...place, ...untried, room: 'mail', persona: persona.id, locale };
  const verdict = answer?.verdict;
  return (
    <a
      ref={cell}
      href={addressOf(to)}
      className={changed ? 'cell changed' : 'cell'}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <span className="cell-thumbs">
        {before && <Thumb hash={before} />}
        <Thumb hash={hash ?? null} dimmed={verdict !== undefined && verdict.kind !== 'send'} />
      </span>
      <span className="hidden">{`${persona.name}, ${languageName(locale)}: `}</span>
      {report ? (
        <span className="badge bad">Can’t be rendered</span>
      ) : verdict ? (
        <span className={badges[verdict.kind].className} title={verdict.sentence}>
          {badges[verdict.kind].name}
          {verdict.expected !== null && ', not as expected'}
          {changed && ', changed'}
        </span>
      ) : (
        <span className="badge">…</span>
      )}
    </a>
  );
}
