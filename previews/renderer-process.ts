import { register } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';

import { z } from 'zod';

import type { OutgoingMail } from '../src/contract/email.ts';
import { codesIn } from '../src/core/codes-in.ts';
import { InvalidInput, PermanentError } from '../src/core/errors.ts';
import type { SourceProblem } from '../src/render/source/problems.ts';
import type { Rendering } from './answer.ts';
import {
  type BlockTexts,
  type MailChecks,
  type MailFigures,
  type MailReading,
  type PersonaEntry,
  RenderRequest,
  type SavedPersona,
  SavePersonaRequest,
  type Sentence,
  SentenceRequest,
  type SourceFile,
  type TemplateList,
  type ErrorReport,
  type Turn,
} from './protocol.ts';
import { PublishedLooks } from './published.ts';
import type { Checkable } from './workshop.ts';

/**
 * The process that renders: it alone loads templates, blocks and rules, so that edited code is picked up by starting it
 * anew, and a template that never ends can be killed. Asked over IPC, one answer a question.
 */

const Question = z.discriminatedUnion('ask', [
  z.strictObject({ id: z.int(), ask: z.literal('templates') }),
  z.strictObject({ id: z.int(), ask: z.literal('personas') }),
  z.strictObject({
    id: z.int(),
    ask: z.literal('render'),
    request: RenderRequest,
    published: PublishedLooks.optional(),
  }),
  z.strictObject({ id: z.int(), ask: z.literal('turns'), request: RenderRequest }),
  z.strictObject({ id: z.int(), ask: z.literal('figures'), request: RenderRequest }),
  z.strictObject({ id: z.int(), ask: z.literal('sentence'), request: SentenceRequest }),
  z.strictObject({ id: z.int(), ask: z.literal('sources'), template: z.string() }),
  z.strictObject({ id: z.int(), ask: z.literal('pictures'), brand: z.string() }),
  z.strictObject({
    id: z.int(),
    ask: z.literal('test-mail'),
    request: RenderRequest,
    to: z.string(),
  }),
  z.strictObject({
    id: z.int(),
    ask: z.literal('save-persona'),
    persona: SavePersonaRequest,
  }),
  z.strictObject({ id: z.int(), ask: z.literal('changed'), files: z.array(z.string()) }),
  z.strictObject({ id: z.int(), ask: z.literal('checkable') }),
  z.strictObject({
    id: z.int(),
    ask: z.literal('problems'),
    brand: z.string(),
    template: z.string().nullable(),
  }),
  z.strictObject({ id: z.int(), ask: z.literal('blocks'), hash: z.string() }),
  z.strictObject({ id: z.int(), ask: z.literal('look'), hash: z.string() }),
  z.strictObject({ id: z.int(), ask: z.literal('read'), hash: z.string() }),
]);
export type Question = z.input<typeof Question>;

export type Answer =
  | { readonly ask: 'templates'; readonly value: TemplateList }
  | { readonly ask: 'personas'; readonly value: readonly PersonaEntry[] }
  | { readonly ask: 'render'; readonly value: Rendering }
  | { readonly ask: 'turns'; readonly value: readonly Turn[] }
  | { readonly ask: 'figures'; readonly value: MailFigures }
  | { readonly ask: 'sentence'; readonly value: Sentence | null }
  | { readonly ask: 'pictures'; readonly value: ReadonlyMap<string, string> }
  | { readonly ask: 'sources'; readonly value: readonly SourceFile[] }
  | { readonly ask: 'test-mail'; readonly value: OutgoingMail }
  | { readonly ask: 'save-persona'; readonly value: SavedPersona }
  | { readonly ask: 'blocks'; readonly value: readonly BlockTexts[] }
  | { readonly ask: 'look'; readonly value: MailChecks }
  | { readonly ask: 'read'; readonly value: MailReading }
  | { readonly ask: 'changed' }
  | { readonly ask: 'checkable'; readonly value: Checkable }
  | { readonly ask: 'problems'; readonly value: readonly SourceProblem[] };

export type Reply =
  | { readonly kind: 'ready' }
  /** Personas' events are to be applied: answered by a `Database`. */
  | { readonly kind: 'wants-database' }
  /** Whether personas are being counted, which takes its time. */
  | { readonly kind: 'counting'; readonly counting: boolean }
  | { readonly kind: 'broken'; readonly report: ErrorReport }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly id: number; readonly report: ErrorReport };

/** The database it asked for, or why there is none. */
const Database = z.strictObject({
  database: z.union([z.strictObject({ url: z.string() }), z.strictObject({ problem: z.string() })]),
});
export type Database = z.input<typeof Database>;

/** What explains a mail waits so long for mails at most. */
const behindMailsMs = 1_000;
/** After so long a page has all it asked for. */
const idleMs = 250;

const [, , root = process.cwd(), folder = '.laurel', chromiumPath = null] = process.argv;
const reply = (message: Reply) => void process.send?.(message);

// A saved component is loaded anew, with everything between it and the mail.
register(`./fresh-imports.${import.meta.url.slice(-2)}`, import.meta.url);
process.on('disconnect', () => process.exit(0));
const { errorReportOf } = await import('./error-report.ts');

try {
  const [
    { openWorkshop },
    { figuresFor, renderAnswer, turnsFor },
    { listPersonas, listTemplates },
    { openChecks },
    { openPersonaLedger },
    { keptIn },
    { testMail },
    { savePersona },
    { sentenceOf },
    { sourcesOf },
    { warmMjml },
  ] = await Promise.all([
    import('./workshop.ts'),
    import('./answer.ts'),
    import('./lists.ts'),
    import('./checks.ts'),
    import('../src/personas/persona-ledger.ts'),
    import('../src/personas/own-ledger.ts'),
    import('./test-mail.ts'),
    import('./save-persona.ts'),
    import('./sentences.ts'),
    import('./template-sources.ts'),
    import('../src/render/mjml/mjml.ts'),
  ]);
  const ledger = openPersonaLedger({
    scratchUrl: databaseOfParent,
    keptIn: keptIn(folder),
    onCounting: (counting) => reply({ kind: 'counting', counting }),
  });
  /** What somebody waits for and isn't answered yet. */
  let waitedFor = 0;
  const whenNobodyWaits = () => untilSo(() => waitedFor === 0, Infinity);
  let beingMade = 0;
  /** Mails first: what explains one is asked while it is made. */
  const whenMailsAreMade = () => untilSo(() => beingMade === 0, behindMailsMs);
  const workshop = await openWorkshop(root, ledger, whenNobodyWaits);
  const checks = openChecks(root, chromiumPath);

  const make = async (
    request: RenderRequest,
    published: PublishedLooks | undefined,
  ): Promise<Rendering> => {
    const { checked, made, ...rendering } = await renderAnswer(workshop, request, published);
    const { mail } = rendering.answer;
    if (mail && checked && made.rendered)
      checks.keep(mail.hash, { mail: checked, rendered: made.rendered }, () =>
        render(request, published),
      );
    return rendering;
  };
  const render = async (request: RenderRequest, published?: PublishedLooks): Promise<Rendering> => {
    beingMade += 1;
    try {
      return await make(request, published);
    } finally {
      beingMade -= 1;
    }
  };

  const testOf = async (request: RenderRequest, to: string): Promise<OutgoingMail> => {
    const { answer: shown, made } = await renderAnswer(workshop, request);
    const { email, rendered } = made;
    if (!email || !rendered)
      throw new InvalidInput([{ path: 'mail', message: `isn’t there: ${shown.verdict.sentence}` }]);
    return testMail({
      email,
      codes: codesIn(rendered.view),
      to,
      what: `${shown.persona.replaceAll('-', ' ')} · ${shown.locale}`,
    });
  };

  // One after the other, for all write one file.
  let saving: Promise<unknown> = Promise.resolve();
  const save = (persona: SavePersonaRequest): Promise<SavedPersona> => {
    const saved = saving.then(async () => {
      const { id, files } = await savePersona(workshop, persona);
      workshop.changed(files);
      return { id };
    });
    saving = saved.catch(() => undefined);
    return saved;
  };

  const answer = async (question: z.output<typeof Question>): Promise<Answer> => {
    const { ask } = question;
    switch (ask) {
      case 'templates':
        return { ask, value: await listTemplates(workshop) };
      case 'personas':
        return { ask, value: await listPersonas(workshop) };
      case 'render':
        return { ask, value: await render(question.request, question.published) };
      case 'turns':
        await whenMailsAreMade();
        return { ask, value: await turnsFor(workshop, question.request) };
      case 'figures':
        await whenMailsAreMade();
        return { ask, value: await figuresFor(workshop, question.request) };
      case 'sentence':
        return { ask, value: await sentenceOf(workshop, question.request) };
      case 'pictures':
        return {
          ask,
          value: await workshop.pictures((await workshop.brand(question.brand)).brand),
        };
      case 'sources':
        return { ask, value: await sourcesOf(workshop, question.template) };
      case 'test-mail':
        return { ask, value: await testOf(question.request, question.to) };
      case 'save-persona':
        return { ask, value: await save(question.persona) };
      case 'changed':
        workshop.changed(question.files);
        return { ask };
      case 'checkable':
        return { ask, value: await workshop.checkable() };
      case 'problems':
        return { ask, value: await workshop.problems(question.brand, question.template) };
      case 'blocks':
        return { ask, value: await checks.blocks(question.hash) };
      case 'look':
        return { ask, value: await checks.look(question.hash) };
      case 'read':
        return { ask, value: await checks.read(question.hash) };
      default:
        return ask satisfies never;
    }
  };

  let warming: NodeJS.Timeout | undefined;
  let warm = false;
  /** Once the first page is there and nothing more is asked: so the first save needn't wait for it. */
  const warmSoon = () => {
    if (warm) return;
    clearTimeout(warming);
    warming = setTimeout(() => {
      warm = true;
      // What keeps it from being loaded is told by the first mail that needs it.
      warmMjml().catch(() => undefined);
    }, idleMs);
  };

  process.on('message', (raw) => {
    if (Database.safeParse(raw).success) return;
    const question = Question.parse(raw);
    warmSoon();
    const isWaitedFor = question.ask !== 'problems';
    if (isWaitedFor) waitedFor += 1;
    answer(question)
      .finally(() => isWaitedFor && (waitedFor -= 1))
      .then(
        (value) => reply({ kind: 'answer', id: question.id, answer: value }),
        (error: unknown) =>
          reply({ kind: 'refused', id: question.id, report: errorReportOf(error, root) }),
      );
  });
  reply({ kind: 'ready' });
} catch (error) {
  reply({
    kind: 'broken',
    report: errorReportOf(error, root, 'The templates’ code can’t be loaded'),
  });
}

/** Resolves once it is so, or after so long. */
async function untilSo(isSo: () => boolean, mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  do await wait(5);
  while (!isSo() && performance.now() < until);
}

/** The database outlives this process, which is ended whenever code is edited or a template never ends. */
function databaseOfParent(): Promise<string> {
  return new Promise((resolve, reject) => {
    const listen = (raw: unknown) => {
      const told = Database.safeParse(raw);
      if (!told.success) return;
      process.off('message', listen);
      const { database } = told.data;
      if ('url' in database) resolve(database.url);
      else reject(new PermanentError('no-database', database.problem));
    };
    process.on('message', listen);
    reply({ kind: 'wants-database' });
  });
}
