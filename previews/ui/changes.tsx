import type { Change } from '../protocol.ts';
import type { Place } from './place.ts';

type Props = {
  readonly changes: readonly Change[];
  readonly place: Place;
  readonly onRemove: (path: string | null) => void;
  readonly onRemoveDate: () => void;
};

/** What was changed about the persona and the date, each to be taken back. */
export function Changes({ changes, place, onRemove, onRemoveDate }: Props) {
  // While the server answers, or when it refuses the values, the address still knows what was asked.
  const known =
    changes.length > 0
      ? changes
      : Object.entries(place.set).map(([path, to]) => ({ path, label: path, from: '', to }));
  const count = known.length + (place.at === null ? 0 : 1);
  if (count === 0) return null;
  return (
    <ul className="changes" aria-label="Changed values">
      {known.map(({ path, label, from, to }) => (
        <li key={path}>
          <Chip label={label} from={from} to={to} onRemove={() => onRemove(path)} />
        </li>
      ))}
      {place.at !== null && (
        <li>
          <Chip label="As of" from="" to={dated(place.at)} onRemove={onRemoveDate} />
        </li>
      )}
      {count > 1 && (
        <li>
          <button type="button" className="plain" onClick={() => onRemove(null)}>
            Take all back
          </button>
        </li>
      )}
    </ul>
  );
}

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

function dated(at: string): string {
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) return at;
  return instant.toLocaleDateString('en-GB', {
    dateStyle: 'long',
    ...(at.length === 10 && { timeZone: 'UTC' }),
  });
}
