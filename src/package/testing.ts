import { openTemplates } from '../app/templates.ts';
import { loadConfig } from '../config.ts';
import type { Decision } from '../contract/decision.ts';
import type { Message } from '../contract/message.ts';
import { isFor } from '../contract/template.ts';
import { PermanentError, TemporaryError } from '../core/errors.ts';
import { prepare, type Prepared } from '../decision/prepare.ts';
import { partSentence } from '../decision/sentences.ts';
import { type BrandFixtures, playedAt, readFixtures } from '../personas/fixtures.ts';
import { openOwnLedger } from '../personas/own-ledger.ts';
import { loadProject } from '../project/load-project.ts';
import { projectFolder } from '../project/project-folder.ts';

/** What somebody gets: the decision, and where that is to send, the mail. Texts are empty where nothing is sent. */
export type PersonaMail = {
  readonly decision: Decision;
  readonly subject: string;
  readonly preheader: string;
  readonly text: string;
  readonly html: string;
  /** What is shown and hidden, by block and offer: `shown`, or the reason. */
  readonly parts: Readonly<Record<string, string>>;
};

export type MailOptions = {
  /** Instead of the brand's sample data. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The persona's own when left out. */
  readonly locale?: string;
  /** When it is decided; when the fixtures' stories play, when left out. */
  readonly at?: Date;
};

export type Mails = {
  /** The brand's people, by id. */
  readonly personas: readonly string[];
  /** Templates that the brand has and that have sample data. */
  readonly templates: readonly string[];
  /**
   * The mail a persona gets, made by the very functions the worker calls.
   * @throws PermanentError for a persona, template or text that isn't there, InvalidInput for data that doesn't fit
   */
  readonly to: (persona: string, template: string, options?: MailOptions) => Promise<PersonaMail>;
  readonly close: () => Promise<void>;
};

export type OpenOptions = {
  /** The project's folder; the nearest one around the working directory when left out. */
  readonly folder?: string;
  /** The project's first brand when left out. */
  readonly brand?: string;
};

/**
 * Opens a project's mails for tests of one's own: nothing is sent, and nothing listens.
 * @throws TemplateError with every mistake in templates, brands or fixtures, each with file and line
 */
export async function openMails({ folder, brand: wanted }: OpenOptions = {}): Promise<Mails> {
  const project = await loadProject(folder ?? projectFolder());
  const { brands, templates } = await openTemplates(undefined, project);
  const id = wanted ?? [...brands.keys()][0] ?? '';
  const brand = brands.get(id)?.brand;
  if (!brand)
    throw new PermanentError(
      'unknown-brand',
      `there is no brand "${id}"; there are ${[...brands.keys()].join(', ')}`,
    );
  const fixtures = await readFixtures(project.fixtures, id, templates.names);
  const ledger = openOwnLedger(loadConfig(process.env).folder, () => undefined);
  const usual = playedAt(fixtures, new Date());

  const to: Mails['to'] = async (personaId, name, { data, locale, at = usual } = {}) => {
    const persona = personaOf(fixtures, personaId);
    const template = templates.definition(name);
    const given = data ?? fixtures.samples.get(name)?.[0]?.data ?? {};
    const reading = await ledger.readingAt({ brand, fixtures, persona, at });
    const { memberId, email } = persona;
    const parsed = template.schema.safeParse(given);
    const message: Message = {
      id: '018f5b7e-0000-7000-8000-000000000001',
      tenant: 'main',
      template: name,
      brand: id,
      to: memberId === null ? { email, name: persona.name } : { memberId },
      data: given,
      about: [...(parsed.success ? (template.about?.(parsed.data) ?? []) : [])],
      acceptedAt: at,
      ...(locale !== undefined && { locale }),
    };
    const made = await patiently(() =>
      prepare(message, reading, {
        now: at,
        brand,
        catalogue: fixtures.catalogue,
        templateFor: (asked) => templates.compiled(name, id, asked),
        address: email,
        suppression: null,
        cancelled: new Map(),
        unsubscribeUrl: () => `${brand.siteUrl}/unsubscribe`,
        preferencesUrl: () => `${brand.siteUrl}/preferences`,
        policy: project.policy,
      }),
    );
    return mailOf(made);
  };
  return {
    personas: fixtures.personas.map((one) => one.id),
    templates: templates
      .namesFor(id)
      .filter((name) => fixtures.samples.has(name) && isFor(templates.definition(name), brand)),
    to,
    close: ledger.close,
  };
}

/**
 * A mail as text for a snapshot: what it says and what was decided, without markup, so that it changes when something a
 * reader would notice does.
 */
export function snapshotOf({ decision, subject, preheader, text }: PersonaMail): string {
  const parts = [...decision.blocks, ...decision.offers].map((part) => {
    const name = 'offerId' in part ? `“${part.offerId}”` : part.block;
    return `${name}: ${partSentence(part)}`;
  });
  const head =
    decision.kind === 'send' ? [subject, preheader] : [`${decision.kind}: ${decision.reason}`];
  return [...head, '', ...(text === '' ? [] : [text, '']), ...parts].join('\n');
}

function personaOf({ personas }: BrandFixtures, id: string) {
  const found = personas.find((one) => one.id === id);
  if (found) return found;
  const known = personas.map((one) => one.id).join(', ');
  throw new PermanentError('invalid-input', `there is no persona "${id}"; there are ${known}`);
}

function mailOf({ decision, email }: Prepared): PersonaMail {
  const parts: Record<string, string> = {};
  for (const one of decision.blocks) parts[one.block] = one.kind === 'show' ? 'shown' : one.reason;
  for (const one of decision.offers)
    parts[one.offerId] = one.kind === 'show' ? 'shown' : one.reason;
  return {
    decision,
    subject: email?.subject ?? '',
    preheader: email?.preheader ?? '',
    text: email?.text ?? '',
    html: email?.html ?? '',
    parts,
  };
}

const tries = 200;

/** A component may still be setting itself up when it is first asked. */
async function patiently(make: () => Prepared): Promise<Prepared> {
  for (let left = tries; ; left -= 1)
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TemporaryError) || left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
