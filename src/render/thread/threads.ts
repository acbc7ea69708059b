import { Worker } from 'node:worker_threads';

import type { Rendered } from '../../contract/template.ts';
import { PermanentError, TemporaryError } from '../../core/errors.ts';
import { onAbort } from '../../core/on-abort.ts';
import type { VersionLooks } from '../version/load-version.ts';
import {
  lacks,
  place,
  type Thread,
  thrownBy,
  unloadable,
  versionOf,
  type Waiting,
  whyItEnded,
} from './ends.ts';
import { programOf } from './program.ts';
import type { RenderJob, ThreadAnswer, ThreadJob } from './thread.ts';

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

/** Threads are started when the first mail asks for them. */
export const openRenderThreads = (options: ThreadOptions): RenderThreads => new Threads(options);

class Threads implements RenderThreads {
  readonly #options: ThreadOptions;
  readonly #threads = new Set<Thread>();
  readonly #line: Waiting[] = [];
  #closing: (() => void) | null = null;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  readonly render: RenderThreads['render'] = (job, signal, looks) =>
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
      this.#line.push(waiting);
      const leave = onAbort(signal, () => {
        const aborted = new TemporaryError('aborted', 'rendering was given up: Laurel stops');
        const at = this.#line.indexOf(waiting);
        const thread = [...this.#threads].find(({ current }) => current === waiting);
        if (at >= 0) this.#line.splice(at, 1);
        if (thread) this.#end(thread, aborted);
        else reject(aborted);
      });
      this.#work();
    });

  readonly close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      this.#closing = resolve;
      this.#work();
    });
    const all = [...this.#threads];
    this.#threads.clear();
    for (const { timer } of all) clearTimeout(timer);
    await Promise.all(all.map(({ worker }) => worker.terminate()));
  };

  #start(): void {
    const worker = new Worker(programOf(this.#options.entry), {
      execArgv: [],
      workerData: this.#options.project,
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.memoryMb,
        maxYoungGenerationSizeMb: 32,
      },
    });
    const thread: Thread = {
      worker,
      loaded: new Set(),
      ready: false,
      current: null,
      timer: undefined,
    };
    this.#threads.add(thread);
    thread.timer = setTimeout(
      () =>
        this.#end(
          thread,
          new TemporaryError('render-threads-down', 'a thread took too long to load'),
        ),
      loadMs,
    );
    worker.on('message', (answer: ThreadAnswer) => this.#hear(thread, answer));
    worker.on('error', (error) => {
      const why = whyItEnded(error, thread);
      if (why) this.#end(thread, why);
      else this.#lose(thread);
    });
    worker.on('exit', () => this.#lose(thread));
  }

  #hear(thread: Thread, answer: ThreadAnswer): void {
    clearTimeout(thread.timer);
    const { current } = thread;
    if (answer.kind === 'loaded' && current) {
      thread.loaded.add(versionOf(current.job));
      this.#begin(thread, current);
      return;
    }
    const loading = current !== null && lacks(thread, current);
    thread.current = null;
    thread.ready = true;
    if (answer.kind === 'rendered') current?.resolve(answer.rendered);
    if (answer.kind === 'failed') {
      current?.reject(loading ? unloadable(answer.message) : thrownBy(answer));
    }
    this.#work();
  }

  #end(thread: Thread, error: Error): void {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    void thread.worker.terminate();
    thread.current?.reject(error);
    // One that couldn't even load: those in line would wait for ever.
    if (!thread.ready) for (const one of this.#line.splice(0)) one.reject(error);
    this.#work();
  }

  /** A thread died: nobody knows whether for what it was rendering, so that gets another one, once. */
  #lose(thread: Thread): void {
    const { current } = thread;
    if (!this.#threads.has(thread)) return;
    if (!current)
      return this.#end(thread, new TemporaryError('render-threads-down', 'a thread died'));
    if (lacks(thread, current))
      return this.#end(thread, unloadable(`${place(thread)} ended its thread while it was loaded`));
    const refused = new PermanentError(
      'render-thread-lost',
      `${place(thread)} ended the thread it ran in, twice`,
    );
    if (!current.lost) {
      current.lost = true;
      thread.current = null;
      this.#line.unshift(current);
    }
    this.#end(thread, refused);
  }

  /** Has a thread load what the mail needs, or render it. */
  #begin(thread: Thread, next: Waiting): void {
    const { job, looks } = next;
    thread.current = next;
    const load = looks !== undefined && lacks(thread, next);
    thread.timer = load
      ? setTimeout(
          () => this.#end(thread, unloadable(`${place(thread)} took too long to load`)),
          loadMs,
        )
      : setTimeout(() => {
          const late = `${place(thread)} took over ${this.#options.deadlineMs / 1000} s and was ended`;
          this.#end(thread, new PermanentError('render-timeout', late));
        }, this.#options.deadlineMs);
    const [oldest] = thread.loaded.size >= (this.#options.versions ?? 16) ? thread.loaded : [];
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
  }

  #work(): void {
    for (const thread of this.#threads) {
      const next = thread.ready && !thread.current ? this.#line.shift() : undefined;
      if (!next) continue;
      this.#begin(thread, next);
    }
    const starting = [...this.#threads].filter(({ ready }) => !ready).length;
    if (this.#line.length > starting && this.#threads.size < this.#options.size) this.#start();
    if (
      this.#closing &&
      this.#line.length === 0 &&
      [...this.#threads].every(({ current }) => !current)
    )
      this.#closing();
  }
}
