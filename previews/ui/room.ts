import type { BrandEntry, ErrorReport, TemplateEntry } from '../protocol.ts';
import type { useEvents } from './answers.ts';
import type { Choice } from './choice.ts';
import type { Go, Place } from './place.ts';

/** What every room of the workplace is given. */
export type RoomProps = {
  readonly choice: Choice;
  readonly place: Place;
  readonly go: Go;
  readonly events: ReturnType<typeof useEvents>;
  readonly report: ErrorReport | null;
  readonly onMenu: () => void;
};

/** A room of one template. */
export type TemplateRoomProps = RoomProps & {
  readonly template: TemplateEntry;
  readonly brand: BrandEntry;
};
