import { parentPort } from 'node:worker_threads';

import { brandAt, brandShown } from '../../brand/brand.ts';
import type { Rendered, View } from '../../contract/template.ts';
import { PermanentError, TemporaryError } from '../../core/errors.ts';
import type { TemplateSet } from '../load.ts';
import { Suspended } from '../react/react.ts';
import {
  type Deployment,
  type LoadedVersion,
  loadVersion,
  type VersionLooks,
} from '../version/load-version.ts';

/** What a thread is asked: to get a published version ready, or for one mail. */
export type ThreadJob =
  | {
      readonly load: Omit<VersionLooks, 'otherCode'>;
      /** One it loaded before and needn't keep. */
      readonly forget: string | undefined;
    }
  | RenderJob;

/** One mail. The brand the thread has itself; everything else is data. */
export type RenderJob = {
  readonly template: string;
  readonly brand: string;
  readonly locale: string;
  /** What the asker's compiled template is made of; the thread's own must be the same. */
  readonly version: string;
  readonly view: Omit<View, 'brand'>;
};

export type ThreadAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'rendered'; readonly rendered: Rendered }
  | ({ readonly kind: 'failed'; readonly message: string } & (
      | { readonly temporary: true; readonly code: TemporaryError['code'] }
      | { readonly temporary: false; readonly code: PermanentError['code'] }
    ));

/** A thread's life: it loads, says that it is ready, and renders one mail at a time until it is ended. */
export async function serveRendering(
  load: () => Promise<Deployment & { readonly templates: Pick<TemplateSet, 'compiled'> }>,
): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('is to be run as a thread');
  const say = (answer: ThreadAnswer) => port.postMessage(answer);
  const deployment = await load();
  const { brands, templates } = deployment;
  const versions = new Map<string, LoadedVersion>();
  const render = ({ template, brand, locale, version, view }: RenderJob): Rendered => {
    const loaded = brands.get(brand);
    if (!loaded) throw new PermanentError('unknown-brand', `there is no brand "${brand}"`);
    const compiled =
      versions.get(versionId(version, brand))?.(locale) ??
      templates.compiled(template, brand, locale);
    if (compiled.version !== version)
      throw new TemporaryError('template-changed', `template "${template}" was edited meanwhile`);
    const { subject, preheader, html, text, attachments } = compiled.render({
      ...view,
      brand: brandShown(brandAt(loaded.brand, view.now.getTime()), compiled.published?.brand),
    });
    return { subject, preheader, html, text, ...(attachments && { attachments }) };
  };
  const work = async (job: ThreadJob): Promise<ThreadAnswer> => {
    if (!('load' in job)) return { kind: 'rendered', rendered: await patiently(() => render(job)) };
    const { load: looks, forget } = job;
    if (forget !== undefined) versions.delete(forget);
    versions.set(
      versionId(looks.hash, looks.brand),
      await loadVersion({ ...looks, otherCode: [] }, deployment),
    );
    return { kind: 'loaded' };
  };
  port.on('message', (job: ThreadJob) => {
    void work(job).then(say, (error: unknown) => say(failureOf(error)));
  });
  say({ kind: 'ready' });
}

/** Once more where a component waited, which it may do the first time it is rendered; for how long, the asker decides. */
async function patiently(render: () => Rendered): Promise<Rendered> {
  try {
    return render();
  } catch (error) {
    const suspended = error instanceof Error && error.cause;
    if (!(suspended instanceof Suspended)) throw error;
    await suspended.settled();
    return render();
  }
}

/** Names what a thread has loaded. */
export const versionId = (hash: string, brand: string) => `${hash}\n${brand}`;

function failureOf(error: unknown): ThreadAnswer {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TemporaryError)
    return { kind: 'failed', temporary: true, code: error.code, message };
  const code = error instanceof PermanentError ? error.code : 'render-failed';
  return { kind: 'failed', temporary: false, code, message };
}
