import { afterAll, expect, it } from 'vitest';

import { viewOf } from '../../../test/fixtures-render/folder.ts';
import { openRenderThreads } from './threads.ts';

const entry = new URL('../../../test/fixtures-render/thread-program.ts', import.meta.url);
const threads = openRenderThreads({ entry, size: 1, deadlineMs: 60_000, memoryMb: 64 });
afterAll(() => threads.close());

const goOn = new AbortController().signal;
const { brand: _, ...view } = viewOf();
const render = (template: string, signal = goOn) =>
  threads.render({ template, brand: 'roast', locale: 'en', version: '1', view }, signal).then(
    ({ subject }) => subject,
    (error: unknown) => error,
  );

it('what ends its thread is tried once more in another, then refused for good; all others are rendered', async () => {
  const [before, leaves, throws, after] = await Promise.all(
    ['before', 'leaves', 'throws later', 'after'].map((name) => render(name)),
  );
  expect([before, after]).toEqual(['before', 'after']);
  expect(leaves).toMatchObject({
    name: 'PermanentError',
    code: 'render-thread-lost',
    message: 'template "leaves" (version 1) ended the thread it ran in, twice',
  });
  expect(throws).toMatchObject({ name: 'PermanentError', code: 'render-thread-lost' });
});

it('told to stop, it hands back what is in hand and in line, also what would never end', async () => {
  const stop = new AbortController();
  const waiting = ['never ends', 'in line'].map((name) => render(name, stop.signal));
  await render('gone', AbortSignal.abort());
  stop.abort();
  for (const end of await Promise.all(waiting))
    expect(end).toMatchObject({ name: 'TemporaryError', code: 'aborted' });
  expect(await render('after')).toBe('after');
});

it('D1: fifty mails at once share one signal without a warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  const { signal } = new AbortController();
  const names = [...Array.from({ length: 50 }).keys()].map((at) => `mail ${at}`);
  expect(await Promise.all(names.map((name) => render(name, signal)))).toEqual(names);
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
