import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import type { ClickUrl } from '../src/decision/counted-links.ts';
import type { ChartUrl } from '../src/decision/linked-charts.ts';
import { type Prepared, prepare } from '../src/decision/prepare.ts';
import type { TemplateSet } from '../src/render/load.ts';
import type { LoadedBrands } from '../src/render/voice/brand-files.ts';
import { sampleCatalogue } from './samples/offers.ts';
import { type SampleBrand, sampleBrands, sampleChanges, sampleMember } from './samples/world.ts';

const now = new Date('2026-11-20T09:00:00Z');

/** People a mail may be for, each of whom it looks different for. */
export const recipients = [
  'member',
  'nameless',
  'guest',
  'no-consent',
  'no-offers',
  'suspended',
  'points-being-added',
] as const;
export type Recipient = (typeof recipients)[number];

/** Sample data of a template; another brand's where this one has no use for it. */
export function sampleData(template: string, brand: SampleBrand): Record<string, unknown> {
  const file = sampleFile(template, brand);
  if (file === undefined) throw new Error(`${template} has no sample in fixtures/<brand>/samples/`);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Whether mails can be made of a template. One of which none can is told once: by `templates/inputs.test.ts`. */
export const hasSample = ({ name }: { readonly name: string }): boolean =>
  sampleFile(name) !== undefined;

const sampleFile = (template: string, ...first: SampleBrand[]) =>
  [...first, ...sampleBrands]
    .map((id) => join(import.meta.dirname, '..', 'fixtures', id, 'samples', `${template}.json`))
    .find((path) => existsSync(path));

type Wanted = {
  readonly template: string;
  readonly brand: SampleBrand;
  readonly locale: string;
  readonly recipient?: Recipient;
  readonly data?: Record<string, unknown>;
  /** Where charts are found; carried with the mail when left out. */
  readonly chartUrl?: ChartUrl;
  /** Where counted links lead. */
  readonly clickUrl?: ClickUrl;
  /** Whether the brand asks for that. */
  readonly clicks?: boolean;
};

/** One mail of a template, prepared. */
export function sampleMail(
  { set, brands }: { readonly set: Pick<TemplateSet, 'compiled'>; readonly brands: LoadedBrands },
  {
    template,
    brand: id,
    locale,
    recipient = 'member',
    data = sampleData(template, id),
    chartUrl,
    clickUrl,
    clicks = clickUrl !== undefined,
  }: Wanted,
): Prepared {
  const loaded = brands.get(id)?.brand;
  if (!loaded) throw new Error(`no brand ${id}`);
  const brand = { ...loaded, clicks };
  const profile = sampleMember(id, {
    ...sampleChanges(template, id),
    ...(recipient === 'nameless' && { firstName: null, lastName: null }),
    ...(recipient === 'no-consent' && { consents: {} }),
    ...(recipient === 'suspended' && { memberStatus: 'suspended' }),
  });
  return prepare(
    {
      id: '018f5b7e-0000-7000-8000-000000000001',
      tenant: 'default',
      template,
      brand: id,
      to: { email: 'ana@example.com' },
      locale,
      data,
      about: [],
      acceptedAt: now,
    },
    recipient === 'guest' ? { kind: 'guest', why: 'unknown-address' } : { kind: 'member', profile },
    {
      now,
      brand,
      catalogue:
        recipient === 'no-offers' ? { ...sampleCatalogue(id), offers: [] } : sampleCatalogue(id),
      templateFor: (wanted) => set.compiled(template, id, wanted),
      address: 'ana@example.com',
      awaited:
        recipient === 'points-being-added'
          ? { what: 'event 1 of pos', applied: false, waitedMs: 30_000, waitMs: 30_000 }
          : null,
      suppression: null,
      cancelled: new Map(),
      unsubscribeUrl: () => `https://mail.${id}.example/u/abc`,
      preferencesUrl: () => `https://mail.${id}.example/p/abc`,
      chartUrl,
      clickUrl,
    },
  );
}
