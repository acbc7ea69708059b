import { domainToUnicode } from 'node:url';

import { z } from 'zod';

import { isPlain } from './address.ts';
import { memo } from './memo.ts';
import { parseUrl } from './parse-url.ts';

/**
 * An address a mail may link to or load from: a page of a public domain, written so that people and programs read the same in
 * it. No login before an `@` (`https://shop.example@evil.example/` leads to evil), nothing that browsers mend silently (missing or
 * turned slashes, tabs, line ends), no bare number for a host, which only senders of bad mail use.
 * @param protocols such as `https`
 */
export function webAddress(...protocols: readonly ('http' | 'https')[]) {
  // The same pictures and pages of products stand in many mails.
  const faultOf = memo((text: string) => ({ message: faultIn(text, protocols) }), 2_000);
  return z
    .string()
    .max(2000, 'must be at most 2000 characters')
    .superRefine((text, context) => {
      const { message } = text.length > 500 ? { message: faultIn(text, protocols) } : faultOf(text);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });
}

function faultIn(text: string, protocols: readonly string[]): string | null {
  const wanted = `must be an ${protocols.at(-1)} address`;
  if (/[\s\p{C}\\]/u.test(text))
    return `${wanted}, without blanks, line ends, invisible characters or backslashes`;
  const scheme = /^([a-z]+):\/\/[^/]/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !protocols.includes(scheme)) return wanted;
  const url = parseUrl(text);
  if (url === null) return wanted;
  const { username, password, hostname } = url;
  if (username !== '' || password !== '' || /^[^/?#]*@/.test(text.slice(scheme.length + 3)))
    return `${wanted} without a name or password before its host: it would lead to "${hostname}"`;
  // Node has made every spelling of an IPv4 address (2130706433, 0x7f.1) four numbers by now.
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname) || !hostname.includes('.'))
    return `${wanted} at a public domain name`;
  const written = text.slice(scheme.length + 3).split(/[/?#:]/, 1)[0] ?? '';
  if (!isPlain(written, hostname))
    return `${wanted} whose host is written plainly: what it is written with stands for others, and it would lead to "${domainToUnicode(hostname)}"`;
  return null;
}
