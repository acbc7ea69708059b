import type { Catalogue } from '../brand/catalogue.ts';
import type { Template } from '../contract/template.ts';
import { TemporaryError } from '../core/errors.ts';
import type { Policy } from '../decision/policy.ts';
import { prepare, type Prepared } from '../decision/prepare.ts';
import type { TemplateSet } from '../render/load.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import type { Setting } from './made-up.ts';
import type { Person } from './people.ts';

const unsubscribeAddress = 'https://mail.laurel.example/u/check';
const preferencesAddress = 'https://mail.laurel.example/p/check';

/** One template for one brand, and what its mails are made of. */
export type Job = {
  readonly template: Template;
  readonly set: TemplateSet;
  readonly brand: LoadedBrand;
  readonly catalogue: Catalogue;
  readonly personas: Setting['personas'];
  /** A message's data, of the brand's sample. */
  readonly data: Record<string, unknown>;
  /** When the fixtures' stories play. */
  readonly at: Date;
  readonly policy?: Policy | undefined;
};

export type Made =
  | ({ readonly kind: 'made' } & Prepared)
  | { readonly kind: 'failed'; readonly why: string }
  /** A component is still setting itself up: ask again. */
  | { readonly kind: 'not-ready' };

/** One mail as the worker would make it. */
export function makeMail(job: Job, person: Person, locale: string): Made {
  const { template, set, brand, catalogue, data, at } = job;
  const now = person.context?.now ?? at;
  try {
    const prepared = prepare(
      {
        id: '018f5b7e-0000-7000-8000-000000000001',
        tenant: 'check',
        template: template.name,
        brand: brand.brand.id,
        to: { email: 'ana@example.com' },
        locale,
        data,
        about: template.about?.(data) ?? [],
        acceptedAt: now,
        ...person.message,
      },
      person.reading,
      {
        brand: brand.brand,
        catalogue,
        templateFor: (wanted) => set.compiled(template.name, brand.brand.id, wanted),
        address: 'ana@example.com',
        suppression: null,
        cancelled: new Map(),
        unsubscribeUrl: () => unsubscribeAddress,
        preferencesUrl: () => preferencesAddress,
        policy: job.policy,
        ...person.context,
        now,
      },
    );
    return { kind: 'made', ...prepared };
  } catch (error) {
    if (error instanceof TemporaryError) return { kind: 'not-ready' };
    return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
  }
}
