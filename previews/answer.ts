import { createHash } from 'node:crypto';

import type { Brand } from '../src/core/brand.ts';
import { InvalidInput, PermanentError } from '../src/core/errors.ts';
import type { Profile, ProfileReading } from '../src/core/profile.ts';
import type { LoadedBrand } from '../src/render/brand-files.ts';
import { layersFor } from '../src/render/locale-files.ts';
import { textMessages } from '../src/render/text-messages.ts';
import { agedProfile } from './aged.ts';
import { changedProfile } from './change.ts';
import { changesOf, controlsOf } from './controls.ts';
import { cardsOf, messageCards, verdictOf } from './explain.ts';
import { mimeHeaders } from './mime-headers.ts';
import type { BrandFixtures, KnownPersona } from './personas.ts';
import type { Mail, PersonaEntry, RenderAnswer, RenderRequest, TemplateList } from './protocol.ts';
import { type PreviewOutput, renderPreview } from './render.ts';
import { titled, type Words } from './words.ts';
import type { Workshop } from './workshop.ts';

/** The id every previewed mail carries, so that the same state of a page gives the same bytes. */
const previewMessageId = '00000000-0000-7000-8000-000000000000';

/** A rendered mail on its way to the browser: what it shows, and the bytes behind `/raw`. */
export type Rendering = { readonly answer: RenderAnswer; readonly mime: Buffer | null };

export async function listTemplates(workshop: Workshop): Promise<TemplateList> {
  const brands = [...(await workshop.brands()).values()].map(({ brand }) => brand);
  const samples = new Map(
    await Promise.all(
      brands.map(async ({ id }) => [id, (await workshop.fixtures(id)).samples] as const),
    ),
  );
  return {
    templates: workshop.definitions.map(({ name, title, class: kind }) => ({
      name,
      title,
      class: kind,
      brands: brands.filter(({ id }) => samples.get(id)?.has(name)).map(({ id }) => id),
    })),
    brands: brands.map(({ id, name, programme, defaultLocale, locales, colours }) => ({
      id,
      name,
      programme: programme.name,
      defaultLocale,
      locales,
      colours: {
        light: { accent: colours.light.accent, onAccent: colours.light.onAccent },
        dark: { accent: colours.dark.accent, onAccent: colours.dark.onAccent },
      },
    })),
  };
}

export async function listPersonas(workshop: Workshop): Promise<PersonaEntry[]> {
  const brands = [...(await workshop.brands()).values()].map(({ brand }) => brand);
  const lists = await Promise.all(
    brands.map(async (brand) => {
      const { personas } = await workshop.fixtures(brand.id);
      return personas.map((persona) => entryOf(persona, brand));
    }),
  );
  return lists.flat();
}

/**
 * One mail, as it would leave at `at` for this persona with these changes; where it would not leave, the mail it would
 * be if what stands against it were turned.
 * @throws InvalidInput for changes that don't fit, PermanentError for what doesn't exist, TemplateError
 */
export async function renderAnswer(workshop: Workshop, request: RenderRequest): Promise<Rendering> {
  const brands = await workshop.brands();
  const loaded = await workshop.brand(request.brand ?? [...brands.keys()][0] ?? '');
  const { brand } = loaded;
  const templateFor = await workshop.template(request.template, brand.id);
  const fixtures = await workshop.fixtures(brand.id);
  const data = fixtures.samples.get(request.template);
  if (!data)
    throw new PermanentError(
      'no-sample',
      `there is no sample data for this mail: write fixtures/${brand.id}/samples/${request.template}.json`,
    );
  const persona = personaOf(fixtures, request.persona);
  const now = instantOf(request.at, fixtures);
  const { reading } = persona;
  const aged = reading.kind === 'member' ? agedProfile(reading.profile, now) : null;
  if (!aged && Object.keys(request.set).length > 0)
    throw new InvalidInput([
      { path: 'set', message: `needs a member: ${persona.name} has nothing to change` },
    ]);
  const profile = aged && changedProfile(aged, request.set, brand.programme, now);

  const { definition } = templateFor(request.locale ?? brand.defaultLocale);
  const parsed = definition.schema.safeParse(data);
  const make = (of: Profile | null, at: Date): PreviewOutput =>
    renderPreview({
      message: {
        id: previewMessageId,
        tenant: 'preview',
        template: request.template,
        brand: brand.id,
        to: persona.memberId === null ? { email: persona.email } : { memberId: persona.memberId },
        ...(request.locale !== undefined && { locale: request.locale }),
        data,
        about: (parsed.success && definition.about?.(parsed.data)) || [],
        acceptedAt: at,
      },
      reading: of ? readingOf(of) : reading,
      context: {
        now: at,
        brand,
        catalogue: fixtures.catalogue,
        templateFor,
        address: of?.email ?? persona.email,
        unsubscribeUrl: () => `${brand.siteUrl.replace(/\/$/, '')}/unsubscribe`,
      },
    });

  const names = namesFor(loaded, fixtures, profile);
  const context = {
    brand,
    names,
    profile,
    now,
    bonusId: parsed.success ? definition.bonusId?.(parsed.data) : undefined,
    offers: fixtures.catalogue.offers,
    offerTitle: (offerId: string) => {
      const title = fixtures.catalogue.offers.find((offer) => offer.offerId === offerId)?.title;
      return title?.['en'] ?? title?.[brand.defaultLocale] ?? titled(offerId);
    },
  };
  const real = make(profile, now);
  const verdict = verdictOf(real.decision, context);
  let shown = real;
  if (real.decision.kind !== 'send' && verdict.trial && profile) {
    const at = verdict.trial.at === undefined ? now : new Date(verdict.trial.at);
    shown = make(changedProfile(profile, verdict.trial.set, brand.programme, at), at);
  }
  return {
    mime: shown.mime,
    answer: {
      template: request.template,
      brand: brand.id,
      persona: persona.id,
      at: now.toISOString(),
      locale: shown.decision.basis.locale,
      verdict,
      mail: mailOf(shown),
      hypothetical: shown !== real,
      blocks: [...messageCards(real.decision, context), ...cardsOf(shown.decision, context)],
      controls:
        aged && profile
          ? controlsOf(
              profile,
              aged,
              brand,
              (parsed.success && definition.order?.(parsed.data)) || null,
              new Set(Object.keys(request.set)),
            )
          : [],
      changes: aged && profile ? changesOf(aged, profile, Object.keys(request.set), brand) : [],
      decision: real.decision,
      timings: real.timings,
    },
  };
}

function mailOf({ email, mime }: PreviewOutput): Mail | null {
  if (!email || !mime) return null;
  return {
    hash: createHash('sha256').update(mime).update(email.html).digest('hex').slice(0, 32),
    from: email.from,
    to: email.to.address,
    subject: email.subject,
    preheader: email.preheader,
    text: email.text,
    html: email.html,
    headers: mimeHeaders(mime),
    size: { mime: mime.length, html: Buffer.byteLength(email.html) },
  };
}

function personaOf({ personas }: BrandFixtures, wanted: string | undefined): KnownPersona {
  const found = wanted === undefined ? personas[0] : personas.find(({ id }) => id === wanted);
  if (found) return found;
  throw new PermanentError(
    'unknown-persona',
    wanted === undefined
      ? 'there are no personas for this brand: write fixtures/<brand>/personas.json'
      : `there is no persona “${wanted}” for this brand`,
  );
}

const readingOf = (profile: Profile): ProfileReading =>
  profile.memberStatus === 'erased' ? { kind: 'erased' } : { kind: 'member', profile };

/** The instant asked for; a mere day means its noon. Left out: when the personas' profiles were true. */
function instantOf(wanted: string | undefined, { personas }: BrandFixtures): Date {
  if (wanted === undefined || wanted === '') {
    const times = personas.flatMap(({ reading }) =>
      reading.kind === 'member' ? [Date.parse(reading.profile.asOf)] : [],
    );
    return times.length > 0 ? new Date(Math.max(...times)) : new Date();
  }
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

/** What the preview calls things: the brand's own words where it has them in English. */
function namesFor(
  loaded: LoadedBrand,
  { catalogue }: BrandFixtures,
  profile: Profile | null,
): Words {
  const { brand, locales } = loaded;
  const own = layersFor(locales, 'en');
  const voice = textMessages({
    locale: own.length > 0 ? 'en' : brand.defaultLocale,
    timeZone: brand.timeZone,
    layers: (own.length > 0 ? own : layersFor(locales, brand.defaultLocale)).map(
      ({ texts }) => texts,
    ),
    known: { brand: brand.name, programme: brand.programme.name },
  });
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: brand.timeZone });
  return {
    who: profile?.firstName ?? (profile ? 'this member' : 'this recipient'),
    points: (count) => (voice.has('points') ? voice.text('points', { count }) : `${count} points`),
    tier: (id) => brand.programme.tiers.find((tier) => tier.id === id)?.name ?? id,
    product: (id) => {
      const name = catalogue.products.get(id)?.name;
      return name?.['en'] ?? name?.[brand.defaultLocale] ?? id.replaceAll('-', ' ');
    },
    day: (instant) => day.format(new Date(instant)),
    entitlement: (id) =>
      voice.has(`entitlements.${id}`) ? voice.text(`entitlements.${id}`) : id.replaceAll('-', ' '),
  };
}

function entryOf(persona: KnownPersona, brand: Brand): PersonaEntry {
  const { id, name, title, story, reading } = persona;
  const profile = reading.kind === 'member' ? reading.profile : null;
  return {
    id,
    brand: brand.id,
    name,
    tier: profile?.currentTier.name ?? null,
    title,
    story,
    locale: profile?.locale ?? brand.defaultLocale,
  };
}
