import { useState } from 'react';

import type { BrandEntry, RenderAnswer, RenderQuery } from '../protocol.ts';
import { type Strained, strained, strainsOf } from './breaking-points.ts';
import type { Place } from './place.ts';

type Props = {
  readonly answer: RenderAnswer;
  readonly query: RenderQuery | null;
  readonly brand: BrandEntry;
  readonly place: Place;
  readonly onOpen: (change: Partial<Place>) => void;
};

/** Searches for what breaks the layout on a phone, by trying it. */
export function BreakingPoints({ answer, query, brand, place, onOpen }: Props) {
  const [found, setFound] = useState<readonly Strained[]>([]);
  const [left, setLeft] = useState(0);
  const look = async () => {
    if (!query) return;
    const strains = strainsOf(answer, brand, place);
    setFound([]);
    for (const [index, strain] of strains.entries()) {
      setLeft(strains.length - index);
      const one = await strained(strain, query);
      setFound((last) => [...last, one]);
    }
    setLeft(0);
  };
  const broken = found.filter(({ kind }) => kind === 'breaks').length;
  const tried = found.filter(({ kind }) => kind !== 'untried').length;
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
            (broken === 0 ? `All ${tried} hold.` : `${broken} of ${tried} break the layout.`)}
      </p>
      <ul className="findings warning">
        {found.map((one) =>
          one.kind === 'breaks' ? (
            <li key={one.title}>
              <p className="finding">
                <b>{one.title}:</b> {one.what}
              </p>
              <button
                type="button"
                className="plain"
                aria-label={`Show it: ${one.title}`}
                onClick={() => onOpen({ ...one.change, width: 375, view: 'email' })}
              >
                Show it
              </button>
            </li>
          ) : one.kind === 'untried' ? (
            <li key={one.title}>
              <p className="finding">
                <b>{one.title}:</b> not tried: {one.what}
              </p>
            </li>
          ) : null,
        )}
      </ul>
    </section>
  );
}
