import { domainToASCII, domainToUnicode } from 'node:url';

import { z } from 'zod';

import { memo } from './memo.ts';

/** Where a mail may go: `address` is what the envelope says, `canonical` what suppression compares. */
export type Address = { readonly address: string; readonly canonical: string };

export type AddressResult =
  | { readonly kind: 'ok'; readonly value: Address }
  | { readonly kind: 'invalid'; readonly message: string }
  /** Valid mail, but only for a transport that speaks SMTPUTF8. */
  | { readonly kind: 'needs-smtputf8'; readonly message: string };

/**
 * Letters, digits and the signs of RFC 5321 4.1.2 before the @, without those that relays and shells give a meaning of their
 * own (`%`, `!`, `|`, `` ` ``); after it, a name of at least two labels, the last one not a number. Top-level domains may be
 * internationalised (`xn--p1ai`), which zod's own pattern refuses.
 */
const Email = z.email({
  pattern:
    /^[\w#$&'*+/=?^{}~-]+(?:\.[\w#$&'*+/=?^{}~-]+)*@(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+(?:[a-z]{2,}|xn--[a-z\d-]*[a-z\d])$/i,
});
const invalid = (message: string): AddressResult => ({ kind: 'invalid', message });

/**
 * Checks one mail address, strictly: exactly one mailbox at a public domain name, no comments, groups, quotes,
 * display names or address literals. International domains are converted to their ASCII form.
 * Limits (RFC 5321 4.5.3.1): 64 octets before the @, 63 a label, 254 in all.
 */
export function parseAddress(input: string): AddressResult {
  // Longer than any address could be in any spelling: not worth a closer look, nor remembering.
  if (input.length > 1000) return invalid('is longer than 254 characters');
  return known(input);
}

const known = memo(readAddress, 2_000);

function readAddress(input: string): AddressResult {
  const at = input.lastIndexOf('@');
  if (at < 1 || at === input.length - 1)
    return invalid('must be one address such as ana@example.com');
  const local = input.slice(0, at);
  const unicodeDomain = input.slice(at + 1);
  if (/[\p{C}\p{Default_Ignorable_Code_Point}\s]/u.test(input))
    return invalid('contains a space, control or invisible character');
  if (/[()<>[\],;:\\"@]/.test(local) || /[()<>[\],;:\\"@/%?#]/.test(unicodeDomain)) {
    return invalid('must be one plain address, without comments, quotes, groups or brackets');
  }
  const domain = domainToASCII(unicodeDomain).toLowerCase();
  if (domain === '' || !domain.includes('.'))
    return invalid('needs a public domain name after the @');
  if (/^[\d.]+$/.test(domain)) return invalid('needs a domain name, not an IP address');
  if (!isPlain(unicodeDomain, domain))
    return invalid(
      `writes its domain with characters that stand for others, such as fullwidth or circled letters; write it plainly: ${domainToUnicode(domain)}`,
    );
  if (Buffer.byteLength(local) > 64) return invalid('is longer than 64 characters before the @');
  if (domain.split('.').some((label) => label.length > 63 || label === ''))
    return invalid('has a domain label that is empty or longer than 63 characters');
  const address = `${local}@${domain}`;
  if (Buffer.byteLength(address) > 254) return invalid('is longer than 254 characters');
  if (/[^\x21-\x7e]/.test(local)) {
    return {
      kind: 'needs-smtputf8',
      message: 'has non-ASCII characters before the @, which this mail transport cannot deliver',
    };
  }
  if (!Email.safeParse(address).success) return invalid('is not a valid mail address');
  return { kind: 'ok', value: { address, canonical: address.toLowerCase() } };
}

/** The form under which an address is suppressed and looked up; the trimmed lower-case input where it isn't an address at all. */
export function canonicalAddress(input: string): string {
  const parsed = parseAddress(input.trim());
  return parsed.kind === 'ok'
    ? parsed.value.canonical
    : input.trim().normalize('NFC').toLowerCase();
}

/** Whether a domain is written as the domain it leads to: but for upper case, nothing in it is mapped to something else. */
export function isPlain(written: string, ascii: string): boolean {
  // Letters and their accents may be written apart; nothing may be written with one sign for another.
  if (Array.from(written).some((one) => one.normalize('NFKC') !== one)) return false;
  const lower = Array.from(written.normalize('NFC'), (one) => one.toLowerCase()).join('');
  return lower === ascii || lower === domainToUnicode(ascii).normalize('NFC');
}

const scripts = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Georgian',
  'Hebrew',
  'Arabic',
  'Thaana',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Mongolian',
  'Ethiopic',
  'Cherokee',
  'Coptic',
  'Han',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Hangul',
].map((name) => ({ name, letters: new RegExp(`\\p{Script=${name}}`, 'u') }));
/** Written together by those who write these languages, with Latin letters between: Japanese, Chinese, Korean. */
const together = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

/**
 * The scripts that one label of the domain of an address mixes (UTS 39, highly restrictive), as in `pаypal.example` with a
 * Cyrillic а: such a name may be made to be taken for another. Empty where none does.
 */
export function mixedScripts(address: string): string[] {
  const labels = domainToUnicode(address.slice(address.lastIndexOf('@') + 1)).split('.');
  const mixed = labels
    .map((label) => scripts.filter(({ letters }) => letters.test(label)).map(({ name }) => name))
    .filter(
      (used) =>
        used.length > 1 && !together.some((set) => used.every((script) => set.includes(script))),
    );
  return [...new Set(mixed.flat())];
}
