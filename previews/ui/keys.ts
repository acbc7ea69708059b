import { useEffect, useEffectEvent } from 'react';

import type { Choice } from './choice.ts';
import { type Go, type Place, unsent, views } from './place.ts';

/** Single keys as shortcuts, unless someone is typing or choosing. */
function actKey(event: KeyboardEvent, actions: Readonly<Record<string, () => void>>): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // Of what is in a shadow, the event names the host.
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return;
  if (target.closest('input, select, textarea, [role="listbox"], dialog, .cm-editor')) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

type Keys = {
  readonly place: Place;
  readonly go: Go;
  readonly choice: Choice;
  readonly onChoose: (name: string) => void;
  readonly onHelp: () => void;
  readonly onSearch: () => void;
};

/** The whole workplace by single keys; `?` lists them. */
export function useKeys({ place, go, choice, onChoose, onHelp, onSearch }: Keys): void {
  const { usable, template, personas, persona } = choice;
  const choosePersona = (by: 1 | -1) =>
    step(personas, persona, by, ({ id }) =>
      go({ persona: id, set: {}, locale: null, sample: null }),
    );
  const actions: Readonly<Record<string, () => void>> = {
    '/': onSearch,
    j: () => step(usable, template, 1, ({ name }) => onChoose(name)),
    k: () => step(usable, template, -1, ({ name }) => onChoose(name)),
    ']': () => choosePersona(1),
    '[': () => choosePersona(-1),
    ...Object.fromEntries(views.map((view, index) => [String(index + 1), () => go({ view })])),
    m: () => go({ width: place.width === 375 ? 640 : 375 }),
    t: () => go({ scheme: place.scheme === 'dark' ? 'light' : 'dark' }),
    i: () => go({ pictures: place.pictures === false }),
    w: () => go({ panel: 'why' }),
    d: () => go({ panel: 'data' }),
    e: () => go({ panel: 'message' }),
    c: () => go({ panel: 'checks' }),
    g: () => go({ ...unsent, room: 'gallery', template: null, panel: null }),
    s: () => go({ room: 'sent', template: null, panel: null }),
    x: () => template && go({ room: 'matrix' }),
    p: () => template && go({ room: 'publish' }),
    y: () => template?.ofYear && go({ room: 'year' }),
    v: () => template && go({ room: place.room === 'compare' ? 'mail' : 'compare' }),
    Escape: () => go({ panel: null }, { replace: true }),
    '?': onHelp,
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => actKey(event, actions));
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}

function step<One>(
  all: readonly One[],
  current: One | undefined,
  by: 1 | -1,
  take: (one: One) => void,
): void {
  const place = all.findIndex((one) => one === current);
  const next = all[(place + by + all.length) % all.length];
  if (next) take(next);
}
