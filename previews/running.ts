import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { Scratch } from '../src/personas/scratch.ts';
import type { ErrorReport } from './protocol.ts';
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

export type RendererOptions = {
  readonly root: string;
  /** Where Laurel keeps its files. */
  readonly folder: string;
  /** Told while personas are being counted. */
  readonly onCounting: (counting: boolean) => void;
  /** The Chromium that mails are read in, if it is there. */
  readonly chromiumPath: string | undefined;
  readonly log: (line: string) => void;
};

type WithoutId<One> = One extends unknown ? Omit<One, 'id'> : never;
export type Asked = WithoutId<Question>;

/** A rendering process that has loaded. */
export type Running = {
  readonly ask: (question: Asked) => Promise<Answer>;
  readonly alive: () => boolean;
  /** Once it has answered what it was asked. */
  readonly stop: () => Promise<void>;
};

/** A rendering that takes longer never ends: the process is killed and started anew. */
const patienceMs = 20_000;
/** Checking is compiling the whole library, personas may have to be counted, reading waits for a browser; mails are rendered as well. */
const checkPatienceMs = 180_000;

/** @throws Refused where the project's code can't be loaded */
export function startProcess(options: RendererOptions, scratch: Scratch): Promise<Running> {
  const { onCounting } = options;
  const child = forked(options);
  let lastWords = '';
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-4000)),
  );
  let counting = false;
  const questions = openQuestions(child, () => counting);
  // It may end before it is told: then it needs nothing any more.
  const tell = (message: Database) =>
    void (child.connected && child.send(message, () => undefined));

  const loading = new Promise<Running>((resolve, reject) => {
    child.on('message', (message: Reply) => {
      switch (message.kind) {
        case 'ready':
          resolve({
            ask: questions.ask,
            alive: () => child.connected && child.exitCode === null,
            stop: async () => {
              await questions.answered();
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
          questions.take(message.id)?.resolve(message.answer);
          return;
        case 'refused':
          questions.take(message.id)?.reject(new Refused(message.report));
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
      questions.giveUp(gone);
    });
  });
  // Told to whoever asks; starting alone must not bring the server down.
  loading.catch(() => undefined);
  return loading;
}

function forked({ root, folder, chromiumPath, log }: RendererOptions): ChildProcess {
  const child = fork(
    fileURLToPath(new URL(`renderer-process.${import.meta.url.slice(-2)}`, import.meta.url)),
    [root, folder, ...(chromiumPath === undefined ? [] : [chromiumPath])],
    {
      cwd: root,
      // Beside a browser and an editor: garbage is collected before there is much of it, and what C asks for lies together.
      env: { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
      execArgv: [
        '--max-old-space-size=1024',
        '--max-semi-space-size=4',
        '--heap-growing-percent=10',
        '--import',
        pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  child.stdout?.on('data', (chunk: Buffer) => log(chunk.toString().trimEnd()));
  return child;
}

type Waiting = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
};

/** What a process was asked and hasn't answered. One that takes too long is killed. */
function openQuestions(child: ChildProcess, isCounting: () => boolean) {
  let lastId = 0;
  const waiting = new Map<number, Waiting>();
  const asked = new Set<Promise<Answer>>();
  const take = (id: number) => {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  };
  const send = (question: Asked) =>
    new Promise<Answer>((resolve, reject) => {
      const id = ++lastId;
      const patience = question.ask === 'render' ? patienceMs : checkPatienceMs;
      const expire = () => {
        // It isn't the template that takes so long.
        if (isCounting()) timer = setTimeout(expire, patience);
        else {
          child.kill('SIGKILL');
          take(id)?.reject(tooLong(patience));
        }
      };
      let timer = setTimeout(expire, patience);
      const stopped =
        <Value>(then: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          then(value);
        };
      waiting.set(id, { resolve: stopped(resolve), reject: stopped(reject) });
      child.send({ id, ...question });
    });
  return {
    ask: (question: Asked) => {
      const answered = send(question).finally(() => asked.delete(answered));
      asked.add(answered);
      return answered;
    },
    take,
    answered: () => Promise.allSettled(asked),
    giveUp: (why: Error) => {
      for (const one of waiting.values()) one.reject(why);
      waiting.clear();
    },
  };
}

const tooLong = (patience: number) =>
  new Refused({
    title: 'Rendering took too long',
    problems: [
      {
        message: `It was stopped after ${patience / 1000} seconds: something in the template never ends.`,
      },
    ],
  });

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
