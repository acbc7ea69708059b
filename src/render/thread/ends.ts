import type { Worker } from 'node:worker_threads';

import type { Rendered } from '../../contract/template.ts';
import { codeOf } from '../../core/code-of.ts';
import { PermanentError, TemporaryError } from '../../core/errors.ts';
import type { VersionLooks } from '../version/load-version.ts';
import { type RenderJob, type ThreadAnswer, versionId } from './thread.ts';

/** A mail that is to be rendered. */
export type Waiting = {
  readonly job: RenderJob;
  readonly looks: VersionLooks['files'] | undefined;
  readonly resolve: (rendered: Rendered) => void;
  readonly reject: (error: Error) => void;
  /** A thread died over it before. */
  lost: boolean;
};

export type Thread = {
  readonly worker: Worker;
  /** Published versions it has, by hash and brand, in the order in which it loaded them. */
  readonly loaded: Set<string>;
  ready: boolean;
  current: Waiting | null;
  timer: NodeJS.Timeout | undefined;
};

export const versionOf = ({ version, brand }: RenderJob) => versionId(version, brand);

/** Whether it has to load first what the mail needs. */
export const lacks = ({ loaded }: Thread, { job, looks }: Waiting) =>
  looks !== undefined && !loaded.has(versionOf(job));

export const unloadable = (message: string) => new TemporaryError('version-unloadable', message);

export const thrownBy = (answer: Extract<ThreadAnswer, { kind: 'failed' }>) =>
  answer.temporary
    ? new TemporaryError(answer.code, answer.message)
    : new PermanentError(answer.code, answer.message);

/** Undefined where it just died. */
export function whyItEnded(error: unknown, thread: Thread): Error | undefined {
  const code = codeOf(error);
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
export const place = ({ current }: Thread) =>
  `template "${current?.job.template}" (version ${current?.job.version})`;
