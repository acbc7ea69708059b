import { useCallback, useEffect, useRef, useState } from 'react';

export const views = ['email', 'text', 'html', 'headers'] as const;
const widths = [375, 640] as const;
export type View = (typeof views)[number];
export const panels = ['why', 'data', 'checks'] as const;
export type Panel = (typeof panels)[number];

/** Everything the page shows, as its address says it: a copied address shows the same. */
export type Place = {
  readonly template: string | null;
  readonly brand: string | null;
  readonly persona: string | null;
  /** Changed profile values by path, as typed. */
  readonly set: Readonly<Record<string, string>>;
  readonly at: string | null;
  readonly locale: string | null;
  readonly width: (typeof widths)[number];
  readonly scheme: 'light' | 'dark';
  readonly view: View;
  /** Null: not asked for; a narrow page then keeps it closed. */
  readonly panel: Panel | null;
};

function placeOf(url: URL): Place {
  const { searchParams: query } = url;
  const template = /^\/t\/([^/]+)/.exec(url.pathname)?.[1];
  const view = query.get('view');
  const panel = query.get('panel');
  return {
    template: template === undefined ? null : decodeURIComponent(template),
    brand: query.get('brand'),
    persona: query.get('p'),
    set: Object.fromEntries(
      [...query].flatMap(([key, value]) => (key.startsWith('set.') ? [[key.slice(4), value]] : [])),
    ),
    at: query.get('at'),
    locale: query.get('locale'),
    width: query.get('w') === '375' ? 375 : 640,
    scheme: query.get('scheme') === 'dark' ? 'dark' : 'light',
    view: views.find((one) => one === view) ?? 'email',
    panel: panels.find((one) => one === panel) ?? null,
  };
}

function addressOf(place: Place): string {
  const query = new URLSearchParams();
  const add = (key: string, value: string | null) => value !== null && query.set(key, value);
  add('brand', place.brand);
  add('p', place.persona);
  for (const [path, value] of Object.entries(place.set)) query.set(`set.${path}`, value);
  add('at', place.at);
  add('locale', place.locale);
  if (place.width !== 640) query.set('w', String(place.width));
  if (place.scheme !== 'light') query.set('scheme', place.scheme);
  if (place.view !== 'email') query.set('view', place.view);
  add('panel', place.panel);
  const path = place.template === null ? '/' : `/t/${encodeURIComponent(place.template)}`;
  const search = query.toString().replaceAll('%3A', ':');
  return search === '' ? path : `${path}?${search}`;
}

/** How a step is kept in the history: one of its own, in place of the last, or one with others of the same gesture. */
type Keep = { readonly replace?: boolean; readonly gesture?: string };
export type Go = (change: Partial<Place>, keep?: Keep) => void;

const gestureMs = 1_000;

/** The address bar as state. Back and forward work; dragging a slider is one step, not a hundred. */
export function usePlace(): [Place, Go] {
  const [place, setPlace] = useState(() => placeOf(new URL(location.href)));
  const current = useRef(place);
  const last = useRef({ gesture: '', at: 0 });

  useEffect(() => {
    const onPop = () => {
      last.current = { gesture: '', at: 0 };
      current.current = placeOf(new URL(location.href));
      setPlace(current.current);
    };
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }, []);

  const go = useCallback<Go>((change, keep = {}) => {
    const next = { ...current.current, ...change };
    const address = addressOf(next);
    const { gesture = '' } = keep;
    const at = performance.now();
    const goesOn =
      gesture !== '' && gesture === last.current.gesture && at - last.current.at < gestureMs;
    last.current = { gesture, at };
    current.current = next;
    if (keep.replace || goesOn) history.replaceState(null, '', address);
    else if (address !== location.pathname + location.search) history.pushState(null, '', address);
    setPlace(next);
  }, []);

  return [place, go];
}
