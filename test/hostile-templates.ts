import { createElement as h, type ReactNode } from 'react';

import { openTemplates } from '../src/app/templates.ts';
import type { View } from '../src/contract/template.ts';
import { reactDocument } from '../src/render/react/react.ts';

const Endless = (): ReactNode => {
  for (let n = 0; ; n += 1) if (n < 0) return n;
};
const Hoarder = (): ReactNode => {
  const hoard: unknown[] = [];
  for (;;) hoard.push(Array(1_000_000).fill(hoard.length));
};
const Wordy = (): ReactNode => {
  const words: string[] = [];
  for (;;) words.push(Array(1_000_000).fill(words.length).join('-'));
};
const Nested = (): ReactNode => h('div', null, h(Nested));

const harms: Readonly<Record<string, () => ReactNode>> = {
  ENDLESS: Endless,
  HOARDER: Hoarder,
  WORDY: Wordy,
  NESTED: Nested,
};

/** Laurel's own templates, of which one, written in React, does harm for some bookings. */
export async function openHostileTemplates(only?: 'react'): ReturnType<typeof openTemplates> {
  const { brands, templates } = await openTemplates(only);
  const compiled: typeof templates.compiled = (name, brand, locale) => {
    const one = templates.compiled(name, brand, locale);
    if (name !== 'flight-booking') return one;
    const render = (view: View) => {
      const harm = harms[String(view.data['bookingReference'])];
      if (harm) reactDocument(h('html', null, h('body', null, h(harm))), 'harm.tsx');
      return one.render(view);
    };
    return { ...one, render };
  };
  return { brands, templates: { ...templates, compiled } };
}
