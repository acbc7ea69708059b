import { createHash } from 'node:crypto';

import type { Brand } from '../src/brand/brand.ts';
import type { Decision } from '../src/contract/decision.ts';
import type { Profile } from '../src/contract/profile.ts';
import type { Template } from '../src/contract/template.ts';
import { countsClicks } from '../src/decision/counted-links.ts';
import { expectedOf, outcomeOf } from '../src/personas/persona.ts';
import { sampleFor } from '../src/personas/samples.ts';
import { checkedMail } from '../src/render/check/checked-mail.ts';
import type { CheckedMail } from '../src/render/check/finding.ts';
import { mailElements } from '../src/render/check/mail-elements.ts';
import { leakedWords } from '../src/render/check/preheader.ts';
import { withPictures } from '../src/render/mime/with-pictures.ts';
import { withPicturesAtHand } from './brand-pictures.ts';
import { changesOf, controlsOf } from './controls.ts';
import { againstOf, cardsOf, messageCards, verdictOf } from './explain.ts';
import { figuresOf } from './figures.ts';
import { formOf } from './form.ts';
import { mimeHeaders } from './mime-headers.ts';
import { namesFor } from './names.ts';
import { openOthers, type Others } from './nearest.ts';
import type { Mail, MailFigures, RenderAnswer, RenderRequest, Turn, Verdict } from './protocol.ts';
import type { PublishedLooks } from './published.ts';
import { type PreviewOutput, renderPreview } from './render.ts';
import { openScene, type Scene, type Staged } from './scene.ts';
import { search } from './search.ts';
import { trialOf } from './trial.ts';
import { titled } from './words.ts';
import type { Workshop } from './workshop.ts';

/** A rendered mail on its way to the browser: what it shows, and the bytes behind `/raw`. */
export type Rendering = {
  readonly answer: RenderAnswer;
  readonly mime: Buffer | null;
  /** The mail's html with its pictures in it, as a browser shows it; null without a mail. */
  readonly shown: string | null;
};

/** The same, and for as long as it stays here, what checks look at; null without a mail. */
type Checkable = Rendering & {
  readonly checked: (() => CheckedMail) | null;
  readonly made: PreviewOutput;
};

/**
 * One mail, as it would leave at `at` for this persona with these changes. Where it would not leave: the mail it would be
 * if what stands against it were turned; where nothing turns that, the one that the nearest persona gets.
 * @param published what it is made with instead of the folder
 * @throws InvalidInput for changes that don't fit, PermanentError for what doesn't exist, TemplateError
 */
export async function renderAnswer(
  workshop: Workshop,
  request: RenderRequest,
  published?: PublishedLooks,
): Promise<Checkable> {
  const scene = await openScene(workshop, request, published);
  const { brand, definition, persona, sample, samples, asked } = scene;
  const staged = await scene.stage(asked);
  const context = contextOf(scene, staged.profile);
  const real = renderPreview(staged.input);
  const unsent =
    real.decision.kind === 'send'
      ? null
      : await insteadOf(scene, openOthers(workshop, request, scene, staged), context);
  const shown = unsent?.shown ?? real;
  const parsed = definition.schema.safeParse(staged.data);
  const about = (parsed.success && definition.about?.(parsed.data)) || [];
  const { profile, unchanged } = staged;
  const cards = cardsOf(shown.decision, unsent ? contextOf(scene, unsent.profile) : context);
  return {
    mime: shown.mime,
    shown:
      shown.email && withPicturesAtHand(withPictures(shown.email), await workshop.pictures(brand)),
    made: shown,
    checked: checkable(shown, definition, brand),
    answer: {
      template: request.template,
      brand: brand.id,
      persona: persona.id,
      at: asked.at.toISOString(),
      locale: shown.decision.basis.locale,
      verdict: {
        ...verdictOf(real.decision, context),
        trial: unsent?.trial ?? null,
        who: unsent?.who ?? null,
        expected: unexpected(scene, request, real.decision),
      },
      mail: mailOf(shown, countsClicks(brand, definition)),
      hypothetical: unsent?.hypothetical ?? null,
      sample: sample.id,
      samples: samples.map(({ id, title }) => ({ id, title })),
      form: formOf(definition, staged.data),
      cancelled: about.length === 0 ? null : staged.cancelled,
      blocks: [...messageCards(real.decision, context), ...cards],
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

/**
 * Of everything that is hidden: the changes that make it appear, what stands against it where none do, and who has it.
 * @throws what `renderAnswer` throws
 */
export async function turnsFor(workshop: Workshop, request: RenderRequest): Promise<Turn[]> {
  const scene = await openScene(workshop, request);
  const staged = await scene.stage(scene.asked);
  const others = openOthers(workshop, request, scene, staged);
  const context = contextOf(scene, staged.profile);
  const sent = await search(scene, 'message', scene.asked);
  // Who sees another's mail is told of theirs, not of what could be changed in it.
  if (sent.kind === 'none') return [];
  const hidden = cardsOf(sent.decision, context).filter(({ shown }) => !shown);
  const turns: Turn[] = [];
  for (const { id } of hidden) {
    const found = await search(scene, id, scene.asked);
    const other = found.kind === 'none' ? await others.whoHas(id) : null;
    turns.push({
      id,
      trial: found.kind === 'found' ? trialOf(found.move, context) : null,
      against: found.kind === 'none' ? againstOf(found.against ?? undefined, context.names) : null,
      who: other && { persona: other.persona.id, name: other.persona.name },
    });
  }
  return turns;
}

/**
 * What the mail says of its member in figures, and the ledger entries each is made of.
 * @throws what `renderAnswer` throws
 */
export async function figuresFor(workshop: Workshop, request: RenderRequest): Promise<MailFigures> {
  const scene = await openScene(workshop, request);
  const staged = await scene.stage(scene.asked);
  const context = contextOf(scene, staged.profile);
  const { decision } = renderPreview(staged.input);
  const made = await workshop.madeOf(scene.brand.id, scene.persona, scene.asked.at);
  return figuresOf(decision, made, context.names);
}

type Unsent = Pick<Verdict, 'trial' | 'who'> & {
  readonly shown: PreviewOutput | null;
  readonly profile: Profile | null;
  readonly hypothetical: RenderAnswer['hypothetical'];
};

/** What to show of a mail that isn't sent. */
async function insteadOf(
  scene: Scene,
  others: Others,
  context: ReturnType<typeof contextOf>,
): Promise<Unsent> {
  const [found, other] = await Promise.all([
    search(scene, 'message', scene.asked),
    others.whoHas('message'),
  ]);
  const who = other && { persona: other.persona.id, name: other.persona.name };
  if (found.kind === 'found')
    return {
      shown: renderPreview(found.staged.input),
      profile: found.staged.profile,
      hypothetical: 'tried',
      trial: trialOf(found.move, context),
      who,
    };
  const theirs = other?.staged ?? (await almostTheirs(await others.all()));
  return {
    shown: theirs && renderPreview(theirs.input),
    profile: theirs?.profile ?? null,
    hypothetical: theirs && 'theirs',
    trial: null,
    who,
  };
}

/** Nobody gets it as they are: somebody who would with a few changes. */
async function almostTheirs(others: Awaited<ReturnType<Others['all']>>): Promise<Staged | null> {
  for (const { scene } of others) {
    const found = await search(scene, 'message', scene.asked);
    if (found.kind === 'found') return found.staged;
  }
  return null;
}

/** What was expected of a persona that is as it is, where something else came of it. */
function unexpected(
  { persona, samples, sample }: Scene,
  { template, set, data, at, cancelled }: RenderRequest,
  decision: Decision,
): string | null {
  const changed = Object.keys({ ...set, ...data }).length > 0 || at !== undefined;
  if (changed || cancelled !== undefined || sample !== sampleFor(samples, persona.id)) return null;
  const expected = expectedOf(persona, template);
  return expected === undefined || expected === outcomeOf(decision) ? null : expected;
}

function contextOf({ loaded, brand, fixtures, samples }: Scene, profile: Staged['profile']) {
  return {
    names: namesFor(loaded, fixtures, profile),
    offerTitle: (offerId: string) => {
      const title = fixtures.catalogue.offers.find((offer) => offer.offerId === offerId)?.title;
      return title?.['en'] ?? title?.[brand.defaultLocale] ?? titled(offerId);
    },
    sampleTitle: (wanted: string) => samples.find(({ id }) => id === wanted)?.title ?? wanted,
  };
}

/** What checks look at, made once they ask; null without a mail. */
function checkable(
  { email, decision, rendered }: PreviewOutput,
  template: Template,
  brand: Brand,
): (() => CheckedMail) | null {
  if (!email || !rendered) return null;
  return () => checkedMail({ template, brand, decision }, email, rendered);
}

function mailOf({ email, mime }: PreviewOutput, counted: boolean): Mail | null {
  if (!email || !mime) return null;
  return {
    hash: createHash('sha256').update(mime).update(email.html).digest('hex').slice(0, 32),
    from: email.from,
    to: email.to.address,
    subject: email.subject,
    preheader: email.preheader,
    leaks: leakedWords(mailElements(email.html), email.preheader),
    text: email.text,
    html: email.html,
    headers: mimeHeaders(mime),
    size: { mime: mime.length, html: Buffer.byteLength(email.html) },
    countsClicks: counted,
  };
}
