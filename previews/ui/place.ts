import { useCallback, useEffect, useRef, useState } from 'react';

import type { Reads } from '../../src/personas/persona.ts';
import type { PersonaEntry } from '../protocol.ts';
import { type Scheme, schemes } from './looks.ts';

export const views = ['email', 'text', 'html', 'template', 'headers'] as const;
export type View = (typeof views)[number];
export const panels = ['why', 'data', 'message', 'checks'] as const;
export type Panel = (typeof panels)[number];

/** Which room of the workplace: all mails, one of them, two side by side, one for everybody, what is live of one, a review of a year, what went out, campaigns. */
const rooms = [
  'gallery',
  'mail',
  'compare',
  'matrix',
  'publish',
  'year',
  'sent',
  'campaigns',
] as const;
export type Room = (typeof rooms)[number];

const paths: Readonly<Record<Room, string>> = {
  gallery: '',
  mail: 't',
  compare: 'compare',
  matrix: 'matrix',
  publish: 'publish',
  year: 'year',
  sent: 'sent',
  campaigns: 'campaigns',
};

/** What is compared with: whatever isn't said is as on the other side. */
export type Beside = {
  readonly persona: string | null;
  readonly locale: string | null;
  readonly at: string | null;
  /** With what is live instead of the draft. */
  readonly live: boolean;
};

/** Everything the page shows, as its address says it: a copied address shows the same. */
export type Place = {
  readonly room: Room;
  readonly template: string | null;
  readonly brand: string | null;
  readonly persona: string | null;
  /** Changed profile values by path, as typed. */
  readonly set: Readonly<Record<string, string>>;
  /** Which sample; null: the persona's. */
  readonly sample: string | null;
  /** Changed values of the message by path. */
  readonly data: Readonly<Record<string, string>>;
  /** Whether what it is about is cancelled; null: as the ledger has it. */
  readonly cancelled: boolean | null;
  readonly at: string | null;
  readonly locale: string | null;
  readonly beside: Beside;
  /** CSS pixels; null: what suits the page. */
  readonly width: number | null;
  readonly scheme: Scheme;
  /** Null, as of letters: as the persona reads mail. */
  readonly pictures: boolean | null;
  /** Letters twice as large. */
  readonly large: boolean | null;
  readonly view: View;
  /** Null: not asked for; a narrow page then keeps it closed. */
  readonly panel: Panel | null;
  /** Of what went out: one message; null: a list, of one member where one is named. */
  readonly message: string | null;
  readonly member: string | null;
  /** The year a review looks back on; null: the one that is due. */
  readonly year: number | null;
  /** One campaign; null: their list. */
  readonly campaign: string | null;
};

export const widest = 1000;
export const narrowest = 320;

/** What is tried of a persona and a message, and taken back with another one. */
export const untried: Pick<Place, 'set' | 'at' | 'locale' | 'sample' | 'data' | 'cancelled'> = {
  set: {},
  at: null,
  locale: null,
  sample: null,
  data: {},
  cancelled: null,
};

/** What is said nowhere is as this persona reads mail. */
export const readBy = (place: Place, reads: Reads = {}): Place => ({
  ...place,
  width: place.width ?? reads.width ?? null,
  pictures: place.pictures ?? reads.pictures ?? null,
  large: place.large ?? reads.large ?? null,
});

/** On to a persona that was saved from here: what it keeps is no change any more. */
export const asSaved = ({ at, cancelled, locale }: Place, persona: PersonaEntry) => ({
  ...untried,
  at,
  cancelled,
  // Whoever is no member has no language to keep.
  locale: persona.locale === locale ? null : locale,
  persona: persona.id,
  width: null,
  pictures: null,
  large: null,
  view: 'email' as const,
});

/** No message of those that went out, and no campaign. */
export const unsent: Pick<Place, 'message' | 'member' | 'campaign'> = {
  message: null,
  member: null,
  campaign: null,
};

function placeOf(url: URL): Place {
  const { searchParams: query } = url;
  const [, first = '', second] = url.pathname.split('/');
  const room = rooms.find((one) => paths[one] === first) ?? 'gallery';
  const view = query.get('view');
  const panel = query.get('panel');
  const scheme = query.get('scheme');
  const width = Number(query.get('w') ?? Number.NaN);
  const prefixed = (prefix: string) =>
    Object.fromEntries(
      [...query].flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
      ),
    );
  return {
    room,
    template: second === undefined || second === '' ? null : decodeURIComponent(second),
    brand: query.get('brand'),
    persona: query.get('p'),
    set: prefixed('set.'),
    sample: query.get('sample'),
    data: prefixed('data.'),
    cancelled: query.has('cancelled') ? query.get('cancelled') === 'true' : null,
    at: query.get('at'),
    locale: query.get('locale'),
    beside: {
      persona: query.get('with.p'),
      locale: query.get('with.locale'),
      at: query.get('with.at'),
      live: query.get('with') === 'live',
    },
    width: Number.isFinite(width) ? Math.min(widest, Math.max(narrowest, width)) : null,
    scheme: schemes.find((one) => one === scheme) ?? 'light',
    pictures: query.has('img') ? query.get('img') !== 'off' : null,
    large: query.has('type') ? query.get('type') === 'large' : null,
    view: views.find((one) => one === view) ?? 'email',
    panel: panels.find((one) => one === panel) ?? null,
    message: query.get('message'),
    member: query.get('member'),
    year: /^20\d\d$/.test(query.get('year') ?? '') ? Number(query.get('year')) : null,
    campaign: query.get('campaign'),
  };
}

export function addressOf(place: Place): string {
  const query = new URLSearchParams();
  const add = (key: string, value: string | null) => value !== null && query.set(key, value);
  add('brand', place.brand);
  add('p', place.persona);
  add('sample', place.sample);
  for (const [path, value] of Object.entries(place.set)) query.set(`set.${path}`, value);
  for (const [path, value] of Object.entries(place.data)) query.set(`data.${path}`, value);
  if (place.cancelled !== null) query.set('cancelled', String(place.cancelled));
  add('at', place.at);
  add('locale', place.locale);
  add('with.p', place.beside.persona);
  add('with.locale', place.beside.locale);
  add('with.at', place.beside.at);
  if (place.beside.live) query.set('with', 'live');
  if (place.width !== null) query.set('w', String(place.width));
  if (place.scheme !== 'light') query.set('scheme', place.scheme);
  if (place.pictures !== null) query.set('img', place.pictures ? 'on' : 'off');
  if (place.large !== null) query.set('type', place.large ? 'large' : 'usual');
  if (place.view !== 'email') query.set('view', place.view);
  add('panel', place.panel);
  add('message', place.message);
  add('member', place.member);
  if (place.room === 'year' && place.year !== null) query.set('year', String(place.year));
  add('campaign', place.campaign);
  const path =
    place.room === 'gallery' || place.template === null
      ? `/${paths[place.room]}`
      : `/${paths[place.room]}/${encodeURIComponent(place.template)}`;
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
