import { Resolver } from 'node:dns/promises';

import { about, type Finding } from './finding.ts';

const { ok, warn } = about('DNS');

/** TXT records of a name, or why there are none. */
export type LookUp = (name: string) => Promise<readonly string[] | 'none' | 'unknown'>;

/** Asks the system's resolver, briefly. */
export function systemLookUp(): LookUp {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  return async (name) => {
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      return code === 'ENODATA' || code === 'ENOTFOUND' ? 'none' : 'unknown';
    }
  };
}

/** RFC 2606 and 6761: names that belong to nobody. */
const isReserved = (domain: string) =>
  /(^|\.)(example|test|invalid|localhost)$|(^|\.)example\.(com|net|org)$/.test(domain);

/**
 * Whether receivers can tell that mail from these domains is meant to be from them: SPF, DMARC, DKIM.
 * @param selectors DKIM selectors; DNS has no list of them
 */
export async function checkSenders(
  domains: readonly string[],
  selectors: readonly string[],
  lookUp: LookUp,
  sends: boolean,
): Promise<Finding[]> {
  const all = [...new Set(domains.map((domain) => domain.toLowerCase()))];
  const real = all.filter((domain) => !isReserved(domain));
  const samples = all.filter(isReserved);
  const findings = await Promise.all(real.map((domain) => checkSender(domain, selectors, lookUp)));
  if (samples.length === 0) return findings.flat();
  const text = `${samples.join(', ')}: reserved for examples, not looked up`;
  const fix = 'set from.address in brand.json to a domain of yours';
  return [...findings.flat(), sends ? warn(text, fix) : ok(text)];
}

async function checkSender(
  domain: string,
  selectors: readonly string[],
  lookUp: LookUp,
): Promise<Finding[]> {
  const [spf, dmarc, ...dkim] = await Promise.all([
    lookUp(domain),
    lookUpwards(domain, lookUp),
    ...selectors.map((selector) => lookUp(`${selector}._domainkey.${domain}`)),
  ]);
  if ([spf, dmarc, ...dkim].includes('unknown'))
    return [warn(`${domain}: could not check, no answer from DNS`)];
  const keys = selectors.map((selector, index) =>
    has(dkim[index], /(^|;)\s*p=[^;\s]/i)
      ? ok(`${domain}: DKIM key ${selector} is there`)
      : warn(
          `${domain}: there is no DKIM key ${selector}`,
          `publish it at ${selector}._domainkey.${domain}; your mail provider shows it`,
        ),
  );
  return [
    has(spf, /^v=spf1(\s|$)/i)
      ? ok(`${domain}: SPF is there`)
      : warn(
          `${domain}: there is no SPF record`,
          `publish v=spf1 … at ${domain} that names your mail provider`,
        ),
    has(dmarc, /^v=DMARC1\s*;/i)
      ? ok(`${domain}: DMARC is there`)
      : warn(
          `${domain}: there is no DMARC record`,
          `publish v=DMARC1; p=none; rua=mailto:… at _dmarc.${domain}`,
        ),
    ...keys,
    ...(selectors.length === 0
      ? [warn(`${domain}: DKIM was not checked`, 'name your selector with --dkim-selector <name>')]
      : []),
  ];
}

const has = (found: Awaited<ReturnType<LookUp>> | undefined, form: RegExp): boolean =>
  Array.isArray(found) && found.some((text) => form.test(text));

/** A domain without a policy of its own has that of the one above it. */
async function lookUpwards(domain: string, lookUp: LookUp): ReturnType<LookUp> {
  const found = await lookUp(`_dmarc.${domain}`);
  const above = domain.split('.').slice(1).join('.');
  return found === 'none' && above.includes('.') ? lookUpwards(above, lookUp) : found;
}
