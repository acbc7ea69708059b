import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { OutgoingMail } from '../src/contract/email.ts';
import { openScratch, type Scratch } from '../src/personas/scratch.ts';
import type { Rendering } from './answer.ts';
import type {
  BlockTexts,
  MailChecks,
  MailReading,
  PersonaEntry,
  RenderRequest,
  TemplateList,
  ErrorReport,
  Turn,
} from './protocol.ts';
import type { Answer, Database, Question, Reply } from './renderer-process.ts';

/** What can't be shown, and why; HTTP answers 422. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly report: ErrorReport;

  constructor(report: ErrorReport) {
    super(report.title);
    this.report = report;
  }
}

/** The rendering process, seen from the server. Every function throws Refused for what a person has to put right. */
export type Renderer = {
  readonly templates: () => Promise<TemplateList>;
  readonly personas: () => Promise<readonly PersonaEntry[]>;
  readonly render: (request: RenderRequest) => Promise<Rendering>;
  /** How what is hidden for this request is made to appear. */
  readonly turns: (request: RenderRequest) => Promise<readonly Turn[]>;
  /** The mail of this request, to be sent to somebody who looks at it. */
  readonly testMail: (request: RenderRequest, to: string) => Promise<OutgoingMail>;
  /** By which texts blocks are found in a mail it rendered. */
  readonly blocks: (hash: string) => Promise<readonly BlockTexts[]>;
  /** What checks say of a mail it rendered: at once, and what a browser reads in it. */
  readonly look: (hash: string) => Promise<MailChecks>;
  readonly read: (hash: string) => Promise<MailReading>;
  /** Forgets what depends on these files. */
  readonly changed: (files: readonly string[]) => Promise<void>;
  /** Loads everything; throws Refused with every mistake there is. */
  readonly check: () => Promise<void>;
  /** Starts a new process for edited code; the old one answers until the new one is ready, and stays if it fails to load. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A rendering that takes longer never ends: the process is killed and started anew. */
const patienceMs = 20_000;
/** Checking is compiling the whole library, personas may have to be counted, reading waits for a browser; mails are rendered as well. */
const checkPatienceMs = 180_000;

type RendererOptions = {
  readonly root: string;
  /** Where Laurel keeps its files. */
  readonly folder: string;
  /** Told while personas are being counted. */
  readonly onCounting: (counting: boolean) => void;
  /** The Chromium that mails are read in, if it is there. */
  readonly chromiumPath: string | undefined;
  readonly log: (line: string) => void;
};

type Running = {
  readonly ask: (question: DistributiveOmit<Question, 'id'>) => Promise<Answer>;
  readonly alive: () => boolean;
  readonly stop: () => Promise<void>;
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
  const ask = async (question: DistributiveOmit<Question, 'id'>) => (await running()).ask(question);

  return {
    templates: async () => {
      const answer = await ask({ ask: 'templates' });
      return answer.ask === 'templates' ? answer.value : mixedUp(answer);
    },
    personas: async () => {
      const answer = await ask({ ask: 'personas' });
      return answer.ask === 'personas' ? answer.value : mixedUp(answer);
    },
    render: async (request) => {
      const answer = await ask({ ask: 'render', request });
      return answer.ask === 'render' ? answer.value : mixedUp(answer);
    },
    turns: async (request) => {
      const answer = await ask({ ask: 'turns', request });
      return answer.ask === 'turns' ? answer.value : mixedUp(answer);
    },
    testMail: async (request, to) => {
      const answer = await ask({ ask: 'test-mail', request, to });
      return answer.ask === 'test-mail' ? answer.value : mixedUp(answer);
    },
    blocks: async (hash) => {
      const answer = await ask({ ask: 'blocks', hash });
      return answer.ask === 'blocks' ? answer.value : mixedUp(answer);
    },
    look: async (hash) => {
      const answer = await ask({ ask: 'look', hash });
      return answer.ask === 'look' ? answer.value : mixedUp(answer);
    },
    read: async (hash) => {
      const answer = await ask({ ask: 'read', hash });
      return answer.ask === 'read' ? answer.value : mixedUp(answer);
    },
    changed: async (files) => void (await ask({ ask: 'changed', files: [...files] })),
    check: async () => void (await ask({ ask: 'check' })),
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

function startProcess(
  { root, folder, chromiumPath, log, onCounting }: RendererOptions,
  scratch: Scratch,
): Promise<Running> {
  const args = chromiumPath === undefined ? [root, folder] : [root, folder, chromiumPath];
  const child = fork(
    fileURLToPath(new URL(`renderer-process.${import.meta.url.slice(-2)}`, import.meta.url)),
    args,
    {
      cwd: root,
      execArgv: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  child.stdout?.on('data', (chunk: Buffer) => log(chunk.toString().trimEnd()));
  let lastWords = '';
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-4000)),
  );

  const tell = (message: Database) => void (child.connected && child.send(message));
  let counting = false;
  let lastId = 0;
  const waiting = new Map<
    number,
    { resolve: (answer: Answer) => void; reject: (error: Error) => void }
  >();
  const loading = new Promise<Running>((resolve, reject) => {
    child.on('message', (message: Reply) => {
      switch (message.kind) {
        case 'ready':
          resolve({
            ask,
            alive: () => child.connected && child.exitCode === null,
            stop: async () => {
              await Promise.allSettled(asked);
              await end(child);
            },
          });
          return;
        case 'wants-database':
          void scratch.url().then(
            (url) => tell({ database: { url } }),
            (error: unknown) => tell({ database: { problem: messageOf(error) } }),
          );
          return;
        case 'counting':
          counting = message.counting;
          onCounting(counting);
          return;
        case 'broken':
          reject(new Refused(message.report));
          void end(child);
          return;
        case 'answer':
          waiting.get(message.id)?.resolve(message.answer);
          waiting.delete(message.id);
          return;
        case 'refused':
          waiting.get(message.id)?.reject(new Refused(message.report));
          waiting.delete(message.id);
      }
    });
    child.once('exit', () => {
      onCounting(false);
      const gone = new Refused({
        title: 'Rendering stopped',
        problems: [
          { message: lastWords.trim().split('\n').at(-1) ?? 'The rendering process ended.' },
        ],
      });
      reject(gone);
      for (const one of waiting.values()) one.reject(gone);
      waiting.clear();
    });
  });
  // Told to whoever asks; starting alone must not bring the server down.
  loading.catch(() => undefined);

  const asked = new Set<Promise<Answer>>();
  const ask = (question: DistributiveOmit<Question, 'id'>) => {
    const answered = send(question).finally(() => asked.delete(answered));
    asked.add(answered);
    return answered;
  };
  const send = (question: DistributiveOmit<Question, 'id'>) =>
    new Promise<Answer>((resolve, reject) => {
      const id = ++lastId;
      const patience = question.ask === 'render' ? patienceMs : checkPatienceMs;
      const expire = () => {
        // It isn't the template that takes so long.
        if (counting) return void (timer = setTimeout(expire, patience));
        waiting.delete(id);
        child.kill('SIGKILL');
        reject(
          new Refused({
            title: 'Rendering took too long',
            problems: [
              {
                message: `It was stopped after ${patience / 1000} seconds: something in the template never ends.`,
              },
            ],
          }),
        );
        return undefined;
      };
      let timer = setTimeout(expire, patience);
      waiting.set(id, {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      child.send({ id, ...question });
    });
  return loading;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function mixedUp(answer: Answer): never {
  throw new Error(`the rendering process answered another question: ${answer.ask}`);
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown
  ? Omit<Union, Key>
  : never;
