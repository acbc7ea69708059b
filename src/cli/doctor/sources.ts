import { openSources, partsOf } from '../../app/profiles.ts';
import type { Config } from '../../config.ts';
import { sourceKinds } from '../../profile/sources/index.ts';
import type { SourceKind } from '../../profile/sources/source.ts';
import { TemplateError } from '../../render/source/problems.ts';
import { reasonOf } from '../failure.ts';
import { about, type Finding } from './finding.ts';

const { ok, warn, fail } = about('Sources');

/** Whether each brand's profile sources are set up and answer. Asks about nobody: with a key that no member has. */
export async function checkSources(
  config: Config,
  brands: readonly string[],
  root: string,
  kinds = sourceKinds,
): Promise<Finding[]> {
  const findings = await Promise.all(brands.map((brand) => checkBrand(config, brand, root, kinds)));
  return findings.flat();
}

async function checkBrand(
  config: Config,
  brand: string,
  root: string,
  kinds: readonly SourceKind[],
): Promise<Finding[]> {
  try {
    const parts = partsOf(config, () => new Date());
    const opened = await openSources(root, brand, parts, kinds);
    if (!opened) return [ok(`${brand}: profiles come from the ledger`)];
    const findings = await Promise.all(
      opened.sources.map(async ({ name, settings, source }) => {
        const start = performance.now();
        try {
          const text = await source.check();
          const ms = Math.round(performance.now() - start);
          return ms > settings.timeoutMs / 2
            ? warn(
                `${brand}: ${name}: ${text}, after ${ms} ms`,
                'make it faster, or raise timeoutMs',
              )
            : ok(`${brand}: ${name}: ${text}`);
        } catch (error) {
          const fix = `correct it in brands/${brand}/sources.json, or the system behind it`;
          return fail(`${brand}: ${name} ${reasonOf(error)}`, fix);
        }
      }),
    );
    await opened.close();
    return findings;
  } catch (error) {
    const problems = error instanceof TemplateError ? error.message.split('\n') : [reasonOf(error)];
    return problems.map((text) => fail(text, 'correct the file, or set what it names'));
  }
}
