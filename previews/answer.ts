import { createHash } from 'node:crypto';

import type { Brand } from '../src/brand/brand.ts';
import type { Email } from '../src/contract/email.ts';
import type { Profile, ProfileReading } from '../src/contract/profile.ts';
import type { Template } from '../src/contract/template.ts';
import { InvalidInput, PermanentError } from '../src/core/errors.ts';
import { type BrandFixtures, playedAt } from '../src/personas/fixtures.ts';
import type { Persona } from '../src/personas/persona.ts';
import { changedProfile } from '../src/personas/what-if.ts';
import { checkedMail } from '../src/render/check/checked-mail.ts';
import type { CheckedMail } from '../src/render/check/finding.ts';
import { mailElements } from '../src/render/check/mail-elements.ts';
import { leakedWords } from '../src/render/check/preheader.ts';
import { changesOf, controlsOf } from './controls.ts';
import { cardsOf, messageCards, verdictOf, withProvenTrial } from './explain.ts';
import { mimeHeaders } from './mime-headers.ts';
import { namesFor } from './names.ts';
import type { Mail, RenderAnswer, RenderRequest, Trial } from './protocol.ts';
import { previewDecision, type PreviewInput, type PreviewOutput, renderPreview } from './render.ts';
import { titled } from './words.ts';
import type { Workshop } from './workshop.ts';

/** The id every previewed mail carries, so that the same state of a page gives the same bytes. */
const previewMessageId = '00000000-0000-7000-8000-000000000000';

/** A rendered mail on its way to the browser: what it shows, and the bytes behind `/raw`. */
export type Rendering = { readonly answer: RenderAnswer; readonly mime: Buffer | null };

/** The same, and for as long as it stays here, what checks look at; null without a mail. */
type Checkable = Rendering & { readonly checked: (() => CheckedMail) | null };

/**
 * One mail, as it would leave at `at` for this persona with these changes; where it would not leave, the mail it would
 * be if what stands against it were turned.
 * @throws InvalidInput for changes that don't fit, PermanentError for what doesn't exist, TemplateError
 */
export async function renderAnswer(workshop: Workshop, request: RenderRequest): Promise<Checkable> {
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
  const standingAt = async (at: Date, set: Trial['set']): Promise<Standing> => {
    const reading = await workshop.reading(brand.id, persona, at);
    if (reading.kind !== 'member') return { reading, profile: null };
    const profile = changedProfile(reading.profile, set, brand.programme, at);
    return { reading: readingOf(profile), profile };
  };
  const { profile: unchanged } = await standingAt(now, {});
  if (!unchanged && Object.keys(request.set).length > 0)
    throw new InvalidInput([
      { path: 'set', message: `needs a member: ${persona.name} has nothing to change on that day` },
    ]);
  const standing = await standingAt(now, request.set);
  const { profile } = standing;

  const { definition } = templateFor(request.locale ?? brand.defaultLocale);
  const parsed = definition.schema.safeParse(data);
  const inputFor = (of: Standing, at: Date): PreviewInput => ({
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
    reading: of.reading,
    context: {
      now: at,
      brand,
      catalogue: fixtures.catalogue,
      templateFor,
      address: of.profile?.email ?? persona.email,
      policy: workshop.project.policy,
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
  const real = renderPreview(inputFor(standing, now));
  const proposed = verdictOf(real.decision, context);
  // Where the mail isn't sent, what is shown and tried starts from what would send it.
  const turned = real.decision.kind === 'send' ? null : proposed.trial;
  const triedAt = turned?.at === undefined ? now : new Date(turned.at);
  const triedSet = { ...request.set, ...turned?.set };
  const turnedTo = turned && (await fitting(standingAt(triedAt, triedSet)));
  const tried = turnedTo ? renderPreview(inputFor(turnedTo, triedAt)) : real;
  // What something else would then stand against is not proposed.
  const proven = tried.decision.kind === 'send';
  const verdict = proven ? proposed : { ...proposed, trial: null };
  const [shown, at, set] = proven ? [tried, triedAt, triedSet] : [real, now, request.set];
  const decisionAfter = async (trial: Trial) => {
    const then = trial.at === undefined ? at : new Date(trial.at);
    const of = await fitting(standingAt(then, { ...set, ...trial.set }));
    return of && previewDecision(inputFor(of, then));
  };
  const cards = cardsOf(shown.decision, context);
  return {
    mime: shown.mime,
    checked: checkable(shown, definition, brand),
    answer: {
      template: request.template,
      brand: brand.id,
      persona: persona.id,
      at: now.toISOString(),
      locale: shown.decision.basis.locale,
      verdict,
      mail: mailOf(shown),
      hypothetical: shown !== real,
      blocks: [
        ...messageCards(real.decision, context).map((card) => ({ ...card, trial: verdict.trial })),
        ...(await Promise.all(cards.map((card) => withProvenTrial(card, decisionAfter)))),
      ],
      controls:
        unchanged && profile
          ? controlsOf(
              profile,
              unchanged,
              brand,
              (parsed.success && definition.order?.(parsed.data)) || null,
              new Set(Object.keys(request.set)),
            )
          : [],
      changes:
        unchanged && profile ? changesOf(unchanged, profile, Object.keys(request.set), brand) : [],
      decision: real.decision,
      timings: real.timings,
    },
  };
}

/** How somebody is at an instant: what a look-up gives, and the profile it is of. */
type Standing = { readonly reading: ProfileReading; readonly profile: Profile | null };

/** Null where what is to be changed isn't there: on another day, her lists are others. */
const fitting = (standing: Promise<Standing>): Promise<Standing | null> =>
  standing.catch((error: unknown) => {
    if (error instanceof InvalidInput) return null;
    throw error;
  });

/** What checks look at, made once they ask; null without a mail. */
function checkable(
  { email, decision, rendered }: PreviewOutput,
  template: Template,
  brand: Brand,
): (() => CheckedMail) | null {
  if (!email || !rendered) return null;
  return () => checkedMail({ template, brand, decision }, email, rendered);
}

function mailOf({ email, mime }: PreviewOutput): Mail | null {
  if (!email || !mime) return null;
  return {
    hash: createHash('sha256').update(mime).update(email.html).digest('hex').slice(0, 32),
    from: email.from,
    to: email.to.address,
    subject: email.subject,
    preheader: email.preheader,
    leaks: leakedWords(mailElements(email.html), email.preheader),
    text: email.text,
    html: withPictures(email),
    headers: mimeHeaders(mime),
    size: { mime: mime.length, html: Buffer.byteLength(email.html) },
  };
}

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

/** A browser has no mail around the html: pictures that travel with the mail are put into it. */
const withPictures = ({ html, attachments = [] }: Email): string =>
  attachments.reduce(
    (shown, { cid, contentType, content }) =>
      cid === undefined
        ? shown
        : shown.replaceAll(
            `cid:${cid}`,
            `data:${contentType};base64,${Buffer.from(content).toString('base64')}`,
          ),
    html,
  );
