import type { Change, PersonaEntry, RenderQuery } from '../protocol.ts';
import { useSettings } from './answers.ts';
import { asSaved, type Go, type Place, untried } from './place.ts';
import { SaveChanged } from './save-persona.tsx';

type Props = {
  readonly changes: readonly Change[];
  readonly place: Place;
  readonly query: RenderQuery | null;
  readonly personas: readonly PersonaEntry[];
  readonly onRemove: (path: string) => void;
  readonly go: Go;
};

/** What was changed about the persona, the message and the date, each to be taken back, or all of it. */
export function Changes({ changes, place, query, personas, onRemove, go }: Props) {
  const settings = useSettings();
  // While the server answers, or when it refuses the values, the address still knows what was asked.
  const known =
    changes.length > 0
      ? changes
      : Object.entries(place.set).map(([path, to]) => ({ path, label: path, from: '', to }));
  const chips = [
    ...known.map(({ path, label, from, to }) => ({
      key: path,
      label,
      from,
      to,
      onRemove: () => onRemove(path),
    })),
    ...Object.entries(place.data).map(([path, to]) => ({
      key: `data.${path}`,
      label: `Message: ${path}`,
      from: '',
      to: to === '' ? 'left out' : shortened(to),
      onRemove: () =>
        go({
          data: Object.fromEntries(Object.entries(place.data).filter(([key]) => key !== path)),
        }),
    })),
    ...(place.cancelled === null
      ? []
      : [
          {
            key: 'cancelled',
            label: 'Cancelled',
            from: '',
            to: place.cancelled ? 'yes' : 'no',
            onRemove: () => go({ cancelled: null }),
          },
        ]),
    ...(place.at === null
      ? []
      : [
          {
            key: 'at',
            label: 'As of',
            from: '',
            to: dated(place.at),
            onRemove: () => go({ at: null }),
          },
        ]),
  ];
  if (chips.length === 0) return null;
  return (
    <ul className="changes" aria-label="Changed values">
      {chips.map(({ key, ...chip }) => (
        <li key={key}>
          <Chip {...chip} />
        </li>
      ))}
      {query && settings?.savesPersonas && saves(place) && (
        <li>
          <SaveChanged
            query={query}
            suggested={chips
              .map(({ label, to }) => `${label}: ${to}`)
              .join(', ')
              .slice(0, 100)}
            reads={{
              ...(place.pictures !== null && { pictures: place.pictures }),
              ...(place.large !== null && { large: place.large }),
            }}
            personas={personas}
            onSaved={(persona) => go(asSaved(place, persona))}
          />
        </li>
      )}
      {chips.length > 1 && (
        <li>
          <button
            type="button"
            className="plain"
            onClick={() => go({ ...untried, locale: place.locale })}
          >
            Take all back
          </button>
        </li>
      )}
    </ul>
  );
}

/** A day and a cancellation aren't the persona's own. */
const saves = ({ set, data }: Place) => Object.keys(set).length + Object.keys(data).length > 0;

type ChipProps = {
  readonly label: string;
  readonly from: string;
  readonly to: string;
  readonly onRemove: () => void;
};

const Chip = ({ label, from, to, onRemove }: ChipProps) => (
  <span className="chip">
    <span className="chip-label">{label}</span>
    {from !== '' && <s>{from}</s>}
    <strong>{to}</strong>
    <button type="button" aria-label={`Take back: ${label}`} onClick={onRemove}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path d="m3 3 6 6m0-6-6 6" stroke="currentColor" strokeWidth="1.500" />
      </svg>
    </button>
  </span>
);

const shortened = (text: string) =>
  text.startsWith('[') ? 'changed list' : text.length > 32 ? `${text.slice(0, 31)}…` : text;

function dated(at: string): string {
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) return at;
  return instant.toLocaleDateString('en-GB', {
    dateStyle: 'long',
    ...(at.length === 10 && { timeZone: 'UTC' }),
  });
}
