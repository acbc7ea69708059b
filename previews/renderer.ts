import type { OutgoingMail } from '../src/contract/email.ts';
import { openScratch } from '../src/personas/scratch.ts';
import type { SourceProblem } from '../src/render/source/problems.ts';
import type { Rendering } from './answer.ts';
import type {
  BlockTexts,
  MailChecks,
  MailFigures,
  MailReading,
  PersonaEntry,
  RenderRequest,
  SavedPersona,
  SavePersonaRequest,
  Sentence,
  SentenceRequest,
  SourceFile,
  TemplateList,
  Turn,
} from './protocol.ts';
import type { PublishedLooks } from './published.ts';
import type { Answer } from './renderer-process.ts';
import {
  type Asked,
  Refused,
  type RendererOptions,
  type Running,
  startProcess,
} from './running.ts';
import type { Checkable } from './workshop.ts';

/** The rendering process, seen from the server. Every function throws Refused for what a person has to put right. */
export type Renderer = {
  readonly templates: () => Promise<TemplateList>;
  readonly personas: () => Promise<readonly PersonaEntry[]>;
  /** @param published what of the template is live, where the mail is to be made with that */
  readonly render: (request: RenderRequest, published?: PublishedLooks) => Promise<Rendering>;
  /** How what is hidden for this request is made to appear. */
  readonly turns: (request: RenderRequest) => Promise<readonly Turn[]>;
  /** What its mail says in figures, and the ledger entries they are made of. */
  readonly figures: (request: RenderRequest) => Promise<MailFigures>;
  /** Which sentence of the locale files a text is. */
  readonly sentence: (request: SentenceRequest) => Promise<Sentence | null>;
  /** The files of a template. */
  readonly sources: (template: string) => Promise<readonly SourceFile[]>;
  /** The brand's pictures at hand, as data, by the address that mails show them from. */
  readonly pictures: (brand: string) => Promise<ReadonlyMap<string, string>>;
  /** The mail of this request, to be sent to somebody who looks at it. */
  readonly testMail: (request: RenderRequest, to: string) => Promise<OutgoingMail>;
  /** Writes what is tried on a persona down as one of its own. */
  readonly savePersona: (persona: SavePersonaRequest) => Promise<SavedPersona>;
  /** By which texts blocks are found in a mail it rendered. */
  readonly blocks: (hash: string) => Promise<readonly BlockTexts[]>;
  /** What checks say of a mail it rendered: at once, and what a browser reads in it. */
  readonly look: (hash: string) => Promise<MailChecks>;
  readonly read: (hash: string) => Promise<MailReading>;
  /** Forgets what depends on these files. */
  readonly changed: (files: readonly string[]) => Promise<void>;
  /** What `problems` can be asked of. */
  readonly checkable: () => Promise<Checkable>;
  /** What is wrong with a template of a brand; null: with what it has for all of them. */
  readonly problems: (brand: string, template: string | null) => Promise<readonly SourceProblem[]>;
  /** Whether somebody waits for an answer, or did until so many milliseconds ago; for problems nobody does. */
  readonly isAsked: (sinceMs: number) => boolean;
  /** Starts a new process for edited code; the old one answers until the new one is ready, and stays if it fails to load. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts the rendering process; answers come once it has loaded. */
export function startRenderer(options: RendererOptions): Renderer {
  const scratch = openScratch(options.folder, options.log);
  const start = () => startProcess(options, scratch);
  let current = start();
  let closed = false;

  let restarting: Promise<void> = Promise.resolve();
  let upcoming: Promise<void> | null = null;

  const replace = async () => {
    if (closed) return;
    const old = current;
    const next = start();
    try {
      await next;
    } catch (error) {
      const oldLives = await old.then((one) => one.alive()).catch(() => false);
      // Whoever had no process before is told why there is none now.
      if (!oldLives) current = next;
      throw error;
    }
    current = next;
    // What it is still asked, it may answer.
    void old.then((one) => one.stop()).catch(() => undefined);
  };
  const running = async (): Promise<Running> => {
    const found = await current.catch((error: unknown) => {
      if (error instanceof Refused) throw error;
      return null;
    });
    if (found?.alive()) return found;
    // It died: of a template, or of memory. The next question gets a new one.
    if (closed) throw new Refused({ title: 'The preview is closing', problems: [] });
    current = start();
    return current;
  };
  let waiting = 0;
  let answeredAt = 0;
  const answerTo = async (question: Asked): Promise<Answer> => {
    if (question.ask === 'problems') return (await running()).ask(question);
    waiting += 1;
    try {
      return await (await running()).ask(question);
    } finally {
      waiting -= 1;
      answeredAt = performance.now();
    }
  };
  const ask = async <Name extends Asked['ask']>(question: Asked & { readonly ask: Name }) => {
    const answer = await answerTo(question);
    if (isAnswerTo(question.ask, answer)) return answer;
    throw new Error(`the rendering process answered another question: ${answer.ask}`);
  };

  return {
    templates: async () => (await ask({ ask: 'templates' })).value,
    personas: async () => (await ask({ ask: 'personas' })).value,
    render: async (request, published) =>
      (await ask({ ask: 'render', request, ...(published && { published }) })).value,
    turns: async (request) => (await ask({ ask: 'turns', request })).value,
    figures: async (request) => (await ask({ ask: 'figures', request })).value,
    sentence: async (request) => (await ask({ ask: 'sentence', request })).value,
    sources: async (template) => (await ask({ ask: 'sources', template })).value,
    pictures: async (brand) => (await ask({ ask: 'pictures', brand })).value,
    testMail: async (request, to) => (await ask({ ask: 'test-mail', request, to })).value,
    savePersona: async (persona) => (await ask({ ask: 'save-persona', persona })).value,
    blocks: async (hash) => (await ask({ ask: 'blocks', hash })).value,
    look: async (hash) => (await ask({ ask: 'look', hash })).value,
    read: async (hash) => (await ask({ ask: 'read', hash })).value,
    changed: async (files) => void (await ask({ ask: 'changed', files: [...files] })),
    checkable: async () => (await ask({ ask: 'checkable' })).value,
    problems: async (brand, template) => (await ask({ ask: 'problems', brand, template })).value,
    isAsked: (sinceMs) => waiting > 0 || performance.now() - answeredAt < sinceMs,
    restart: () => {
      // One that has not begun yet will load this save too.
      upcoming ??= restarting.then(() => {
        upcoming = null;
        return replace();
      });
      restarting = upcoming.catch(() => undefined);
      return upcoming;
    },
    close: async () => {
      closed = true;
      await restarting;
      await current.then((one) => one.stop()).catch(() => undefined);
      await scratch.close();
    },
  };
}

const isAnswerTo = <Name extends Answer['ask']>(
  name: Name,
  answer: Answer,
): answer is Extract<Answer, { ask: Name }> => answer.ask === name;
