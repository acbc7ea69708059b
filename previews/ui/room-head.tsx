import type { TemplateEntry } from '../protocol.ts';
import type { Go, Place, Room } from './place.ts';

type Props = {
  readonly template: TemplateEntry;
  readonly place: Place;
  readonly go: Go;
  readonly onMenu: () => void;
};

const rooms: readonly { readonly room: Room; readonly name: string }[] = [
  { room: 'mail', name: 'One member' },
  { room: 'compare', name: 'Side by side' },
  { room: 'matrix', name: 'Everybody' },
  { room: 'publish', name: 'Live' },
  { room: 'year', name: 'The year' },
];

/** The mail's name, and the ways to look at it. */
export function RoomHead({ template, place, go, onMenu }: Props) {
  return (
    <div className="head-line">
      <button type="button" className="menu-button" onClick={onMenu}>
        Templates
      </button>
      <h1>{template.title}</h1>
      <span className="class">{template.class}</span>
      <div className="pair rooms" role="group" aria-label="Look at it for">
        {rooms
          .filter(({ room }) => room !== 'year' || template.ofYear)
          .map(({ room, name }) => (
            <button
              key={room}
              type="button"
              aria-pressed={place.room === room}
              onClick={() => go({ room, panel: null })}
            >
              {name}
            </button>
          ))}
      </div>
      {place.room === 'mail' && (
        <button
          type="button"
          className="panel-button"
          aria-expanded={place.panel !== null}
          onClick={() => go({ panel: place.panel === null ? 'why' : null }, { replace: true })}
        >
          Why, data, checks
        </button>
      )}
    </div>
  );
}
