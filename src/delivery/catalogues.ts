import type { Catalogue } from '../brand/catalogue.ts';

const checkEveryMs = 2_000;

/**
 * Catalogues by tenant and brand, kept in memory and read anew when their version changes; a change shows within two
 * seconds. Concurrent callers share one check.
 */
export function catalogues(deps: {
  readonly load: (tenant: string, brand: string) => Promise<Catalogue>;
  readonly version: (tenant: string, brand: string) => Promise<string>;
}): (tenant: string, brand: string) => Promise<Catalogue> {
  type Entry = { catalogue: Catalogue; checkedAt: number };
  const entries = new Map<string, Entry>();
  const checking = new Map<string, Promise<Catalogue>>();

  const check = async (key: string, tenant: string, brand: string) => {
    const checkedAt = performance.now();
    const known = entries.get(key);
    const catalogue =
      known && known.catalogue.version === (await deps.version(tenant, brand))
        ? known.catalogue
        : await deps.load(tenant, brand);
    entries.set(key, { catalogue, checkedAt });
    return catalogue;
  };

  return (tenant, brand) => {
    const key = `${tenant}\n${brand}`;
    const known = entries.get(key);
    if (known && performance.now() - known.checkedAt < checkEveryMs)
      return Promise.resolve(known.catalogue);
    const running = checking.get(key);
    if (running) return running;
    const started = check(key, tenant, brand).finally(() => checking.delete(key));
    checking.set(key, started);
    return started;
  };
}
