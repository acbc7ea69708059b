import { z } from 'zod';

import type { Brand } from '../src/brand/brand.ts';
import type { Fact } from '../src/contract/fact-text.ts';
import type { Profile, ProfileReading } from '../src/contract/profile.ts';
import type { Template } from '../src/contract/template.ts';
import { InvalidInput, PermanentError } from '../src/core/errors.ts';
import { jsonOrText } from '../src/core/json-or-text.ts';
import { keptValues } from '../src/core/memo.ts';
import { type BrandFixtures, playedAt } from '../src/personas/fixtures.ts';
import { ownFacts } from '../src/personas/own-facts.ts';
import type { Persona } from '../src/personas/persona.ts';
import { filledSample, type Sample, sampleFor, withValue } from '../src/personas/samples.ts';
import { changedProfile } from '../src/personas/what-if.ts';
import type { LoadedBrand } from '../src/render/voice/brand-files.ts';
import type { RenderRequest } from './protocol.ts';
import type { PublishedLooks } from './published.ts';
import type { PreviewInput } from './render.ts';
import type { Workshop } from './workshop.ts';

/** The id every previewed mail carries, so that the same state of a page gives the same bytes. */
export const previewMessageId = '00000000-0000-7000-8000-000000000000';

/** What is tried on a persona: changed values, another day, changed data of the message, its subject cancelled or not. */
export type Situation = {
  readonly set: Readonly<Record<string, Fact>>;
  readonly at: Date;
  /** Values of the message by path; undefined takes one away. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether what it is about is cancelled; null: as the ledger has it. */
  readonly cancelled: boolean | null;
  /** Another sample than the scene's; null: that one. */
  readonly sample: string | null;
};

/** One template for one persona, and what a message of it is made from. */
export type Scene = {
  readonly loaded: LoadedBrand;
  readonly brand: Brand;
  readonly definition: Template;
  readonly fixtures: BrandFixtures;
  readonly persona: Persona;
  readonly sample: Sample;
  /** All there are of the template. */
  readonly samples: readonly Sample[];
  /** As it was asked for. */
  readonly asked: Situation;
  /** @throws InvalidInput for changes that don't fit */
  readonly stage: (situation: Situation) => Promise<Staged>;
};

/** A message as it would be decided on. */
export type Staged = {
  readonly input: PreviewInput;
  /** Null for who is no member. */
  readonly profile: Profile | null;
  /** The same before anything was changed by hand. */
  readonly unchanged: Profile | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether what it is about is cancelled. */
  readonly cancelled: boolean;
};

const ChangeQuestion = z.object({ set: z.record(z.string(), z.json()), at: z.string() });

/** Each question asked once; what failed is asked again. */
function cached<Value>(ask: (question: string) => Promise<Value>) {
  const answers = keptValues<Value>();
  return (question: string) => answers.get(question, () => ask(question));
}

/** @throws PermanentError for what doesn't exist, InvalidInput for a day that is none */
export async function openScene(
  workshop: Workshop,
  request: RenderRequest,
  /** What mails are made with instead of the folder. */
  published?: PublishedLooks,
): Promise<Scene> {
  const brands = await workshop.brands();
  const loaded = await workshop.brand(request.brand ?? [...brands.keys()][0] ?? '');
  const { brand } = loaded;
  const templateFor = await workshop.template(request.template, brand.id, published);
  const { definition } = templateFor(request.locale ?? brand.defaultLocale);
  const fixtures = await workshop.fixtures(brand.id);
  const persona = personaOf(fixtures, request.persona);
  const samples = fixtures.samples.get(request.template) ?? [];
  const sample = sampleOf(samples, persona, request, brand.id);

  // A search asks for the same days and the same changes again and again.
  const standings = cached(async (at: string) => {
    const standing = await workshop.standing(brand.id, persona, new Date(at));
    const facts = ownFacts({ persona, standing, brand, catalogue: fixtures.catalogue });
    return { ...standing, facts };
  });
  const profiles = cached((question: string) => changed(question));
  const changed = async (question: string): Promise<Profile | null> => {
    const { set, at } = ChangeQuestion.parse(JSON.parse(question));
    const { reading } = await standings(at);
    return reading.kind === 'member'
      ? changedProfile(reading.profile, set, brand.programme, new Date(at))
      : null;
  };

  const stage = async (situation: Situation): Promise<Staged> => {
    const { set, at, data: edits, cancelled, sample: other } = situation;
    const standing = await standings(at.toISOString());
    const unchanged = standing.reading.kind === 'member' ? standing.reading.profile : null;
    if (!unchanged && Object.keys(set).length > 0)
      throw new InvalidInput([
        {
          path: 'set',
          message: `needs a member: ${persona.name} has nothing to change on that day`,
        },
      ]);
    const profile = await profiles(JSON.stringify({ set, at }));
    const reading = profile ? readingOf(profile) : standing.reading;
    const { facts } = standing;
    const data = Object.entries(edits).reduce(
      (all, [path, value]) => withValue(all, path, value),
      filledSample(samples.find(({ id }) => id === other) ?? sample, facts),
    );
    const parsed = definition.schema.safeParse(data);
    const about = (parsed.success && definition.about?.(parsed.data)) || [];
    const subjects = cancelledAmong(about, standing.cancelled, cancelled, at);
    return {
      profile,
      unchanged,
      data,
      cancelled: subjects.size > 0,
      input: {
        message: {
          id: previewMessageId,
          tenant: 'preview',
          template: request.template,
          brand: brand.id,
          to: persona.memberId === null ? { email: persona.email } : { memberId: persona.memberId },
          ...(request.locale !== undefined && { locale: request.locale }),
          data: { ...data },
          about,
          acceptedAt: at,
        },
        reading,
        context: {
          now: at,
          brand,
          catalogue: fixtures.catalogue,
          templateFor,
          address: profile?.email ?? persona.email,
          policy: workshop.project.policy,
          cancelled: subjects,
          unsubscribeUrl: () => `${brand.siteUrl.replace(/\/$/, '')}/unsubscribe`,
          preferencesUrl: () => `${brand.siteUrl.replace(/\/$/, '')}/preferences`,
        },
      },
    };
  };
  const asked = {
    set: request.set,
    at: instantOf(request.at, fixtures),
    data: Object.fromEntries(
      Object.entries(request.data).map(([path, text]) => [path, valueIn(text)]),
    ),
    cancelled: request.cancelled ?? null,
    sample: null,
  };
  return { loaded, brand, definition, fixtures, persona, sample, samples, asked, stage };
}

function cancelledAmong(
  about: readonly string[],
  known: ReadonlyMap<string, Date>,
  wanted: boolean | null,
  at: Date,
): ReadonlyMap<string, Date> {
  if (wanted === false) return new Map();
  return new Map(
    about.flatMap((subject) => {
      const since = known.get(subject) ?? (wanted ? at : undefined);
      return since ? [[subject, since]] : [];
    }),
  );
}

/** A value of the message out of an address: JSON where it is some, else a text; nothing takes it away. */
const valueIn = (text: string): unknown => (text === '' ? undefined : jsonOrText(text));

function personaOf({ personas }: BrandFixtures, wanted: string | undefined): Persona {
  const found = wanted === undefined ? personas[0] : personas.find(({ id }) => id === wanted);
  if (found) return found;
  throw new PermanentError(
    'unknown-persona',
    wanted === undefined
      ? 'there are no personas for this brand: write fixtures/<brand>/personas.json'
      : `there is no persona “${wanted}” for this brand`,
  );
}

function sampleOf(
  all: readonly Sample[],
  persona: Persona,
  { template, sample: wanted }: RenderRequest,
  brand: string,
): Sample {
  const found =
    wanted === undefined ? sampleFor(all, persona.id) : all.find(({ id }) => id === wanted);
  if (found) return found;
  throw new PermanentError(
    'no-sample',
    all.length === 0
      ? `there is no sample data for this mail: write fixtures/${brand}/samples/${template}.json`
      : `there is no sample “${wanted}” of this mail; there are ${all.map(({ id }) => id).join(', ')}`,
  );
}

const readingOf = (profile: Profile): ProfileReading =>
  profile.memberStatus === 'erased' ? { kind: 'erased' } : { kind: 'member', profile };

/** The instant asked for; a mere day means its noon. Left out: when the stories play. */
function instantOf(wanted: string | undefined, fixtures: BrandFixtures): Date {
  if (wanted === undefined || wanted === '') return playedAt(fixtures, new Date());
  const instant = new Date(/^\d{4}-\d\d-\d\d$/.test(wanted) ? `${wanted}T12:00:00Z` : wanted);
  if (Number.isNaN(instant.getTime()) || !/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(wanted))
    throw new InvalidInput([
      {
        path: 'at',
        message: 'must be a day such as 2026-12-31 or an instant such as 2026-12-31T23:00Z',
      },
    ]);
  return instant;
}
