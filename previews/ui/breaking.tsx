import { useState } from 'react';

import type { Reads } from '../../src/personas/persona.ts';
import type { BrandEntry, PersonaEntry, RenderAnswer, RenderQuery } from '../protocol.ts';
import { useSettings } from './answers.ts';
import { phone, type Strained, strained, strainedQuery, strainsOf } from './breaking-points.ts';
import { asSaved, type Place } from './place.ts';
import { SavePersona } from './save-persona.tsx';

type Props = {
  readonly answer: RenderAnswer;
  readonly query: RenderQuery | null;
  readonly brand: BrandEntry;
  readonly place: Place;
  readonly personas: readonly PersonaEntry[];
  readonly onOpen: (change: Partial<Place>) => void;
};

const readsOf = ({ change: { pictures, large } }: Strained): Reads => ({
  width: phone,
  ...(typeof pictures === 'boolean' && { pictures }),
  ...(typeof large === 'boolean' && { large }),
});

/** Searches for what breaks the layout on a phone, by trying it. */
export function BreakingPoints({ answer, query, brand, place, personas, onOpen }: Props) {
  const settings = useSettings();
  const [found, setFound] = useState<readonly Strained[]>([]);
  const [left, setLeft] = useState(0);
  /** Where it was looked, which may be left since. */
  const [from, setFrom] = useState<{ readonly place: Place; readonly query: RenderQuery } | null>(
    null,
  );
  const look = async () => {
    if (!query) return;
    setFrom({ place, query });
    const strains = strainsOf(answer, brand, place);
    setFound([]);
    for (const [index, strain] of strains.entries()) {
      setLeft(strains.length - index);
      const one = await strained(strain, query);
      setFound((last) => [...last, one]);
    }
    setLeft(0);
  };
  const broken = found.filter(({ kind }) => kind === 'breaks');
  const untried = found.flatMap((one) => (one.kind === 'untried' ? [one] : []));
  const tried = found.length - untried.length;
  return (
    <section aria-label="Breaking points">
      <h2 className="small-title">Breaking points</h2>
      <p className="check-line">
        Long names, no lines and sixty, every language, large amounts and letters, no pictures: each
        really rendered on a phone.
      </p>
      <p className="check-line">
        <button type="button" className="button" disabled={left > 0} onClick={() => void look()}>
          Look for breaking points
        </button>
      </p>
      <p className="check-line" role="status">
        {left > 0
          ? `${left} to go …`
          : tried > 0 &&
            (broken.length === 0
              ? `All ${tried} hold.`
              : `${broken.length} of ${tried} break the layout.`)}
      </p>
      <ul className="findings warning">
        {broken.map((one) => (
          <li key={one.title}>
            <p className="finding">
              <b>{one.title}:</b> {one.what}
            </p>
            <p className="choices">
              <button
                type="button"
                className="plain"
                aria-label={`Show it: ${one.title}`}
                onClick={() =>
                  onOpen({
                    ...from?.place,
                    ...one.change,
                    width: phone,
                    view: 'email',
                    panel: place.panel,
                  })
                }
              >
                Show it
              </button>
              {from && settings?.savesPersonas && (
                <SavePersona
                  query={strainedQuery(one, from.query)}
                  title={one.title}
                  reads={readsOf(one)}
                  personas={personas}
                  onSaved={(persona) => onOpen(asSaved(from.place, persona))}
                />
              )}
            </p>
          </li>
        ))}
      </ul>
      {untried.length > 0 && (
        <details className="fine">
          <summary>{untried.length} more can’t happen</summary>
          <ul className="findings fine">
            {untried.map(({ title, what }) => (
              <li key={title}>
                <p className="finding">
                  <b>{title}:</b> {what}
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
