import { about, type Finding } from './finding.ts';
import type { LookUp } from './look-up.ts';
import { readTags, type Tag, valueOf } from './tags.ts';

const { ok, warn, fail } = about('DNS');

/** Tags that RFC 9989 took out of DMARC, and what to have instead. */
const removed: Readonly<Record<string, string>> = {
  pct: 'take it out; to try a policy without its consequences, write t=y',
  rf: 'take it out: there is one format of reports',
  ri: 'take it out: aggregate reports come daily',
};
const policies = ['none', 'quarantine', 'reject'];
/** What the value of a tag may be. */
const values: Readonly<Record<string, RegExp>> = {
  p: /^(none|quarantine|reject)$/i,
  sp: /^(none|quarantine|reject)$/i,
  np: /^(none|quarantine|reject)$/i,
  psd: /^[ynu]$/i,
  t: /^[yn]$/i,
  adkim: /^[rs]$/i,
  aspf: /^[rs]$/i,
  fo: /^[01ds](:[01ds])*$/i,
  rua: /^\s*mailto:[^\s,]+(\s*,\s*mailto:[^\s,]+)*$/i,
  ruf: /^\s*mailto:[^\s,]+(\s*,\s*mailto:[^\s,]+)*$/i,
};

type Found = { readonly domain: string; readonly tags: readonly Tag[] };

/**
 * What receivers make of a sender domain's DMARC: whose record counts, what it says, and what of it is not in the form of
 * RFC 9989 (no `pct`; `np`, `psd`, `t`).
 */
export async function checkDmarc(domain: string, lookUp: LookUp): Promise<Finding[]> {
  const found = await policyOf(domain, lookUp);
  if (found === 'unknown') return [warn(`${domain}: could not check DMARC, no answer from DNS`)];
  if (found === 'several')
    return [
      fail(
        `${domain}: several DMARC records, so that none of them counts`,
        `leave one at _dmarc.${domain}`,
      ),
    ];
  if (found === null)
    return [
      fail(
        `${domain}: there is no DMARC record; Gmail, Yahoo and Microsoft refuse mail of those who send much without one`,
        `publish v=DMARC1; p=none; rua=mailto:you@${domain} at _dmarc.${domain}`,
      ),
    ];
  return findingsOf(domain, found);
}

function findingsOf(domain: string, { domain: holder, tags }: Found): Finding[] {
  const where = `_dmarc.${holder}`;
  const inherited = holder !== domain;
  const own = valueOf(tags, 'p');
  const policy = (inherited ? valueOf(tags, 'sp') : undefined) ?? own;
  const wrong = tags
    .slice(1)
    .flatMap(({ name, value }) =>
      removed[name]
        ? [warn(`${domain}: ${where} says ${name}=, which RFC 9989 removed`, removed[name])]
        : values[name]?.test(value) === false
          ? [
              fail(
                `${domain}: ${where} says ${name}=${value}`,
                `${name} is not written like this: ${formOf(name)}`,
              ),
            ]
          : name === '' || !(name in values)
            ? [
                warn(
                  `${domain}: ${where} says ${name === '' ? value : `${name}=`}, which receivers ignore`,
                ),
              ]
            : [],
    );
  const seen = new Set<string>();
  const twice = tags.filter(({ name }) => name !== '' && seen.size === seen.add(name).size);
  const what = policy ?? 'none';
  return [
    ok(
      `${domain}: DMARC is there${inherited ? `, that of ${holder}` : ''}: p=${what.toLowerCase()}${/^y$/i.test(valueOf(tags, 't') ?? '') ? ', being tried (t=y)' : ''}`,
    ),
    ...wrong,
    ...twice.map(({ name }) => fail(`${domain}: ${where} says ${name}= twice`, 'leave one')),
    ...(own === undefined
      ? [warn(`${domain}: ${where} has no p=, which older receivers ask for`, 'write p=none')]
      : []),
    ...(valueOf(tags, 'rua') === undefined
      ? [
          warn(
            `${domain}: ${where} asks for no reports, so nobody learns who sends in your name`,
            `add rua=mailto:you@${holder}`,
          ),
        ]
      : []),
    ...(policies.includes(what.toLowerCase()) && /^none$/i.test(what)
      ? [
          warn(
            `${domain}: p=none asks receivers for nothing when somebody sends in your name`,
            'once the reports are clean, p=quarantine, then p=reject',
          ),
        ]
      : []),
  ];
}

const formOf = (name: string): string => {
  if (['p', 'sp', 'np'].includes(name)) return policies.join(', ');
  if (name === 'psd') return 'y, n or u';
  if (name === 't') return 'y or n';
  if (name === 'adkim' || name === 'aspf') return 'r or s';
  return name === 'fo'
    ? '0, 1, d, s, with colons between'
    : 'mailto: addresses with commas between';
};

/** Names are asked for at most this deep; a longer one is cut to so many labels less one. Source: RFC 9989 section 4.10. */
const mostLabels = 8;

/** The record that counts for a domain: its own, else by the tree walk that of its organizational domain. */
async function policyOf(
  domain: string,
  lookUp: LookUp,
): Promise<Found | null | 'unknown' | 'several'> {
  const own = await recordAt(domain, lookUp);
  if (own === 'unknown' || own === 'several') return own;
  if (own) return own;
  const labels = domain.split('.');
  const from = labels.length >= mostLabels ? labels.length - (mostLabels - 1) : 1;
  let highest: Found | null = null;
  for (let start = from; start < labels.length; start += 1) {
    const found = await recordAt(labels.slice(start).join('.'), lookUp);
    if (found === 'unknown') return 'unknown';
    // Several count as none.
    if (found === null || found === 'several') continue;
    const psd = valueOf(found.tags, 'psd')?.toLowerCase();
    if (psd === 'n') return found;
    // The record of those who give domains away counts where nobody below has one.
    if (psd === 'y') return highest ?? found;
    highest = found;
  }
  return highest;
}

async function recordAt(
  domain: string,
  lookUp: LookUp,
): Promise<Found | null | 'unknown' | 'several'> {
  const texts = await lookUp(`_dmarc.${domain}`);
  if (texts === 'unknown') return 'unknown';
  if (texts === 'none') return null;
  const records = texts.flatMap((text) => readTags(text, 'DMARC1') ?? []);
  const count = texts.filter((text) => readTags(text, 'DMARC1')).length;
  return count > 1 ? 'several' : count === 1 ? { domain, tags: records } : null;
}
