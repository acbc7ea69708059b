import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { Rendered } from '../../contract/template.ts';
import { PermanentError, TemporaryError } from '../../core/errors.ts';
import { onAbort } from '../../core/on-abort.ts';
import type { VersionLooks } from '../version/load-version.ts';
import { type RenderJob, type ThreadAnswer, type ThreadJob, versionId } from './thread.ts';

/*
 * Templates that are programs of somebody's (React) may never end, or eat all memory. They are rendered in threads:
 *
 *   loading ──▶ idle ──job──▶ rendering ──answer──▶ idle
 *                                 ├──too long, too much memory──▶ ended; the mail is refused, another thread takes its place
 *                                 ├──the thread dies──▶ the mail is rendered once more, and refused when that one dies, too
 *                                 └──Laurel must stop──▶ ended; the mail is handed back
 *
 * A thread renders one mail at a time, so that what ends a thread is never another mail's fault. Before its first mail of a
 * published version it loads that, which takes longer than a mail may, and keeps some of them.
 */
export type RenderThreads = {
  /**
   * @param looks a published version's
   * @throws PermanentError `render-timeout`, `render-out-of-memory`, `render-thread-lost` naming the template; what the
   * template throws; TemporaryError `aborted`, or where threads can't be started
   */
  readonly render: (
    job: RenderJob,
    signal: AbortSignal,
    looks?: VersionLooks['files'],
  ) => Promise<Rendered>;
  /** Ends the threads, once what they have in hand is rendered. */
  readonly close: () => Promise<void>;
};

export type ThreadOptions = {
  /** The program of a thread; it calls `serveRendering`. */
  readonly entry: URL;
  /** The folder of the project whose templates it has, which it finds as `workerData`. */
  readonly project?: string;
  readonly size: number;
  /** Milliseconds one mail may take. */
  readonly deadlineMs: number;
  /** Megabytes a thread's heap may have. */
  readonly memoryMb: number;
  /** Published versions a thread keeps, those loaded last. 16 when left out. */
  readonly versions?: number;
};

/** Loading all templates on a busy machine; a thread that takes longer is ended. */
const loadMs = 120_000;

const versionOf = ({ version, brand }: RenderJob) => versionId(version, brand);

const lacks = ({ loaded }: Thread, { job, looks }: Waiting) =>
  looks !== undefined && !loaded.has(versionOf(job));

type Waiting = {
  readonly job: RenderJob;
  readonly looks: VersionLooks['files'] | undefined;
  readonly resolve: (rendered: Rendered) => void;
  readonly reject: (error: Error) => void;
  /** A thread died over it before. */
  lost: boolean;
};
type Thread = {
  readonly worker: Worker;
  /** Published versions it has, by hash and brand, in the order in which it loaded them. */
  readonly loaded: Set<string>;
  ready: boolean;
  current: Waiting | null;
  timer: NodeJS.Timeout | undefined;
};

/** Threads are started when the first mail asks for them. */
export function openRenderThreads(options: ThreadOptions): RenderThreads {
  const { entry, project, size, deadlineMs, memoryMb, versions: mostVersions = 16 } = options;
  const threads = new Set<Thread>();
  const line: Waiting[] = [];
  let closing: (() => void) | null = null;

  const start = () => {
    const worker = new Worker(programOf(entry), {
      execArgv: [],
      workerData: project,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
    });
    const thread: Thread = {
      worker,
      loaded: new Set(),
      ready: false,
      current: null,
      timer: undefined,
    };
    threads.add(thread);
    thread.timer = setTimeout(
      () =>
        end(thread, new TemporaryError('render-threads-down', 'a thread took too long to load')),
      loadMs,
    );
    worker.on('message', (answer: ThreadAnswer) => hear(thread, answer));
    worker.on('error', (error) => {
      const why = whyItEnded(error, thread);
      if (why) end(thread, why);
      else lose(thread);
    });
    worker.on('exit', () => lose(thread));
  };

  const hear = (thread: Thread, answer: ThreadAnswer) => {
    clearTimeout(thread.timer);
    const { current } = thread;
    if (answer.kind === 'loaded' && current) {
      thread.loaded.add(versionOf(current.job));
      begin(thread, current);
      return;
    }
    const loading = current !== null && lacks(thread, current);
    thread.current = null;
    thread.ready = true;
    if (answer.kind === 'rendered') current?.resolve(answer.rendered);
    if (answer.kind === 'failed') {
      current?.reject(loading ? unloadable(answer.message) : thrownBy(answer));
    }
    work();
  };

  const end = (thread: Thread, error: Error) => {
    if (!threads.delete(thread)) return;
    clearTimeout(thread.timer);
    void thread.worker.terminate();
    thread.current?.reject(error);
    // One that couldn't even load: those in line would wait for ever.
    if (!thread.ready) for (const one of line.splice(0)) one.reject(error);
    work();
  };

  /** A thread died: nobody knows whether for what it was rendering, so that gets another one, once. */
  const lose = (thread: Thread) => {
    const { current } = thread;
    if (!threads.has(thread)) return;
    if (!current) return end(thread, new TemporaryError('render-threads-down', 'a thread died'));
    if (lacks(thread, current))
      return end(thread, unloadable(`${place(thread)} ended its thread while it was loaded`));
    const refused = new PermanentError(
      'render-thread-lost',
      `${place(thread)} ended the thread it ran in, twice`,
    );
    if (!current.lost) {
      current.lost = true;
      thread.current = null;
      line.unshift(current);
    }
    end(thread, refused);
  };

  /** Has a thread load what the mail needs, or render it. */
  const begin = (thread: Thread, next: Waiting) => {
    const { job, looks } = next;
    thread.current = next;
    const load = looks !== undefined && lacks(thread, next);
    thread.timer = load
      ? setTimeout(() => end(thread, unloadable(`${place(thread)} took too long to load`)), loadMs)
      : setTimeout(() => {
          const late = `${place(thread)} took over ${deadlineMs / 1000} s and was ended`;
          end(thread, new PermanentError('render-timeout', late));
        }, deadlineMs);
    const [oldest] = thread.loaded.size >= mostVersions ? thread.loaded : [];
    if (load && oldest !== undefined) thread.loaded.delete(oldest);
    const { template, version: hash, brand } = job;
    const ask: ThreadJob = load
      ? { load: { template, hash, brand, files: looks }, forget: oldest }
      : job;
    try {
      thread.worker.postMessage(ask, []);
    } catch (error) {
      thread.current = null;
      clearTimeout(thread.timer);
      next.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };

  const work = () => {
    for (const thread of threads) {
      const next = thread.ready && !thread.current ? line.shift() : undefined;
      if (!next) continue;
      begin(thread, next);
    }
    const starting = [...threads].filter(({ ready }) => !ready).length;
    if (line.length > starting && threads.size < size) start();
    if (closing && line.length === 0 && [...threads].every(({ current }) => !current)) closing();
  };

  return {
    render: (job, signal, looks) =>
      new Promise((resolve, reject) => {
        const waiting: Waiting = {
          job,
          looks,
          resolve: (rendered) => {
            leave();
            resolve(rendered);
          },
          reject: (error) => {
            leave();
            reject(error);
          },
          lost: false,
        };
        line.push(waiting);
        const leave = onAbort(signal, () => {
          const aborted = new TemporaryError('aborted', 'rendering was given up: Laurel stops');
          const at = line.indexOf(waiting);
          const thread = [...threads].find(({ current }) => current === waiting);
          if (at >= 0) line.splice(at, 1);
          if (thread) end(thread, aborted);
          else reject(aborted);
        });
        work();
      }),
    close: async () => {
      await new Promise<void>((resolve) => {
        closing = resolve;
        work();
      });
      const all = [...threads];
      threads.clear();
      for (const { timer } of all) clearTimeout(timer);
      await Promise.all(all.map(({ worker }) => worker.terminate()));
    },
  };
}

/**
 * What a thread has to be taught before it loads anything, for it doesn't inherit it: to tell places in what authors wrote
 * and, in a checkout, TypeScript.
 */
function programOf(entry: URL): URL {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href;
  const typescript = entry.pathname.endsWith('.ts')
    ? `register(${JSON.stringify(loader)}, { data: true });`
    : '';
  const program = `import { register } from 'node:module';
    process.setSourceMapsEnabled(true);
    ${typescript}
    await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

const unloadable = (message: string) => new TemporaryError('version-unloadable', message);

const thrownBy = (answer: Extract<ThreadAnswer, { kind: 'failed' }>) =>
  answer.temporary
    ? new TemporaryError(answer.code, answer.message)
    : new PermanentError(answer.code, answer.message);

/** Undefined where it just died. */
function whyItEnded(error: unknown, thread: Thread): Error | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (thread.current && lacks(thread, thread.current))
    return unloadable(`${place(thread)} ended its thread while it was loaded`);
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' && thread.current)
    return new PermanentError(
      'render-out-of-memory',
      `${place(thread)} took more memory than a mail may, and was ended`,
    );
  return thread.ready
    ? undefined
    : new TemporaryError('render-threads-down', 'a thread ended while it loaded', { cause: error });
}

/** The template and its version. */
const place = ({ current }: Thread) =>
  `template "${current?.job.template}" (version ${current?.job.version})`;
