import type { CompiledTemplate } from '../../contract/template.ts';
import { loadTemplates, type TemplateSet } from '../load.ts';
import { TemplateError } from '../source/problems.ts';
import { filesOf } from '../source/template-files.ts';
import { type LoadedBrands, loadBrandLooks } from '../voice/brand-files.ts';

/** The code and the programmes of this process, which published looks are used with. */
export type Deployment = {
  readonly templates: Pick<TemplateSet, 'root' | 'definition'>;
  readonly brands: LoadedBrands;
};

/** A published version for one brand: data, which may be handed to a thread. */
export type VersionLooks = {
  readonly template: string;
  readonly hash: string;
  readonly brand: string;
  /** Looks and words by path within the templates folder. */
  readonly files: ReadonlyMap<string, string>;
  /** The code that isn't what it was made for, see `otherCode`. */
  readonly otherCode: readonly string[];
};

/** The template as it is sent in a locale, see `TemplateSet.compiled`. */
export type LoadedVersion = (locale: string) => CompiledTemplate;

/**
 * Compiles a published version for one brand, from memory: its looks and words are checked against this deployment's
 * definition and against what that gives to looks, as the folder's are. Nothing of it is run.
 * @throws TemplateError with what is missing or doesn't fit this deployment's code
 */
export async function loadVersion(
  { template, hash, brand: id, files, otherCode }: VersionLooks,
  { templates, brands }: Deployment,
): Promise<LoadedVersion> {
  const here = brands.get(id);
  if (!here || !files.has(`brands/${id}/brand.json`))
    throw new TemplateError([
      { file: `brands/${id}`, message: 'is not in this version; publish it anew for this brand' },
    ]);
  const looks = filesOf(files);
  const loaded = await loadBrandLooks(looks, here.brand);
  const set = await loadTemplates({
    root: templates.root,
    looks,
    definitions: [templates.definition(template)],
    brands: new Map([[id, loaded]]),
  });
  return (locale) => ({
    ...set.compiled(template, id, locale),
    version: hash,
    published: { files, brand: loaded.brand, otherCode },
  });
}
