import { about, type Finding } from './finding.ts';
import type { LookUp } from './look-up.ts';

const { ok, warn, fail } = about('DNS');

/** More names than this a receiver doesn't look up for one record. Source: RFC 7208 section 4.6.4. */
const mostLookUps = 10;
const isSpf = (text: string) => /^v=spf1(\s|$)/i.test(text);

/**
 * Whether a sender domain says who may send for it, in a form that receivers can follow. The envelope's sender is the address the
 * mail is from, so that SPF is aligned wherever it passes.
 */
export async function checkSpf(domain: string, lookUp: LookUp): Promise<Finding[]> {
  const texts = await lookUp(domain);
  if (texts === 'unknown') return [warn(`${domain}: could not check SPF, no answer from DNS`)];
  const records = texts === 'none' ? [] : texts.filter(isSpf);
  const [record] = records;
  if (record === undefined)
    return [
      fail(
        `${domain}: there is no SPF record; Gmail, Yahoo and Microsoft want one that passes`,
        `publish v=spf1 … -all at ${domain} that names your mail provider`,
      ),
    ];
  if (records.length > 1)
    return [
      fail(
        `${domain}: ${records.length} SPF records, so that none of them counts`,
        'put what they say into one',
      ),
    ];
  const terms = record.split(/\s+/).slice(1);
  const asked = await lookUpsOf(record, lookUp, new Set([domain]));
  const all = terms.find((term) => /^[+?~-]?all$/i.test(term))?.toLowerCase();
  return [
    ok(`${domain}: SPF is there, and aligned: the envelope's sender is the address it is from`),
    ...(asked === 'unknown'
      ? [warn(`${domain}: a name that SPF includes could not be looked up`)]
      : asked > mostLookUps
        ? [
            fail(
              `${domain}: SPF needs ${asked} look-ups, and receivers stop at ${mostLookUps}`,
              'take out what nobody sends through any more, or name addresses (ip4:, ip6:)',
            ),
          ]
        : []),
    ...(all === 'all' || all === '+all'
      ? [fail(`${domain}: SPF lets everybody send for it (${all})`, 'end it with -all or ~all')]
      : all === undefined && !terms.some((term) => /^redirect=/i.test(term))
        ? [warn(`${domain}: SPF doesn't say what holds for everybody else`, 'end it with -all')]
        : []),
    ...(terms.some((term) => /^[+?~-]?ptr(:|$)/i.test(term))
      ? [warn(`${domain}: SPF uses ptr, which receivers may ignore`, 'name addresses instead')]
      : []),
  ];
}

/** How many names a receiver looks up for a record, with those it includes. */
async function lookUpsOf(
  record: string,
  lookUp: LookUp,
  above: ReadonlySet<string>,
): Promise<number | 'unknown'> {
  let sum = 0;
  for (const term of record.split(/\s+/).slice(1)) {
    if (/^[+?~-]?(a|mx|ptr|exists)([:/]|$)/i.test(term)) sum += 1;
    const next = /^(?:[+?~-]?include:|redirect=)([^\s%]+)$/i.exec(term)?.[1]?.toLowerCase();
    if (next === undefined) continue;
    sum += 1;
    // One that includes itself never ends: receivers stop at the limit, and so it is said.
    if (above.has(next)) return mostLookUps + 1;
    if (sum > 3 * mostLookUps) return sum;
    const texts = await lookUp(next);
    if (texts === 'unknown') return 'unknown';
    const inner = texts === 'none' ? undefined : texts.find(isSpf);
    const more =
      inner === undefined ? 0 : await lookUpsOf(inner, lookUp, new Set([...above, next]));
    if (more === 'unknown') return more;
    sum += more;
  }
  return sum;
}
