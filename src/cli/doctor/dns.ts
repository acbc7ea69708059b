import { checkDkimKey } from './dkim-key.ts';
import { checkDmarc } from './dmarc.ts';
import { about, type Finding } from './finding.ts';
import type { LookUp } from './look-up.ts';
import { checkSpf } from './spf.ts';

const { ok, warn } = about('DNS');

/** RFC 2606 and 6761: names that belong to nobody. */
const isReserved = (domain: string) =>
  /(^|\.)(example|test|invalid|localhost)$|(^|\.)example\.(com|net|org)$/.test(domain);

/**
 * Whether receivers can tell that mail from these domains is meant to be from them, as Gmail, Yahoo and Microsoft ask of whoever
 * sends much: SPF and DKIM, both aligned with the sender, and DMARC.
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
  const [spf, dmarc, ...keys] = await Promise.all([
    checkSpf(domain, lookUp),
    checkDmarc(domain, lookUp),
    ...selectors.map((selector) => checkDkimKey(domain, selector, lookUp)),
  ]);
  const unsigned =
    selectors.length === 0
      ? [warn(`${domain}: DKIM was not checked`, 'name your selector with --dkim-selector <name>')]
      : [];
  return [...spf, ...dmarc, ...keys, ...unsigned];
}
