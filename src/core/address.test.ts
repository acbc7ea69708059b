import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalAddress, mixedScripts, parseAddress } from './address.ts';

const kindOf = (input: string) => parseAddress(input).kind;

describe('an address that is refused', () => {
  it.each([
    ['a second header', 'a@b.example\r\nBcc: e@x.y'],
    ['a second command', 'a@b.example>\r\nRCPT TO:<e@x.example'],
    ['two addresses', 'a@b.example,c@d.example'],
    ['two addresses, short', 'a@b,c@d'],
    ['two addresses with a semicolon', 'a@b.example;c@d.example'],
    ['a trailing NUL', 'a@b.example\0'],
    ['a comment', 'user@good.com(x)evil.com'],
    ['a comment before the @', 'user(x)@good.com'],
    ['a zero-width local part', '\u200b@b.example'],
    ['a zero-width character', 'a\u200bb@b.example'],
    ['a soft hyphen', 'a@b\u00adc.example'],
    ['a variation selector in the domain', 'a@b\ufe0fc.example'],
    ['a filler that looks like nothing', 'a\u3164@b.example'],
    ['a text direction override', 'a\u202e@b.example'],
    ['half a character', 'a\ud83d@b.example'],
    ['a quoted local part with another address in it', '"x@gmail.com x"@internal'],
    ['a quoted local part', '"x y"@b.example'],
    ['a group', 'grp:a@b,c@d;'],
    ['a display name', 'Ana <a@b.example>'],
    ['angle brackets', '<a@b.example>'],
    ['a host without a domain', 'a@localhost'],
    ['an address literal', 'a@[127.0.0.1]'],
    ['an IPv6 literal', 'a@[IPv6:::1]'],
    ['an IPv4 address', 'a@127.0.0.1'],
    ['a hex IPv4 address', 'a@0x7f.0.0.1'],
    ['a hex IPv4 number', 'a@0x7f000001'],
    ['an octal IPv4 address', 'a@0177.0.0.01'],
    ['a decimal IPv4 address', 'a@2130706433'],
    ['a short IPv4 address', 'a@127.1'],
    ['an IPv4 address in full-width digits', 'a@１２７.0.0.1'],
    ['a numeric top-level domain', 'a@b.123'],
    ['a local part of 65 characters', `${'a'.repeat(65)}@b.example`],
    ['a label of 64 characters', `a@${'b'.repeat(64)}.example`],
    [
      '255 characters in all',
      `a@${'b'.repeat(60)}.${`${'c'.repeat(60)}.`.repeat(3)}${'d'.repeat(9)}`,
    ],
    ['a million characters', `${'a'.repeat(1_000_000)}@b.example`],
    ['the word null', 'null'],
    ['the word undefined', 'undefined'],
    ['nothing', ''],
    ['only an @', '@'],
    ['nothing before the @', '@b.example'],
    ['nothing after the @', 'a@'],
    ['two @', 'a@b@c.example'],
    ['a space', 'a b@c.example'],
    ['a space around', ' a@b.example'],
    ['a line break at the end', 'a@b.example\n'],
    ['a leading dot', '.a@b.example'],
    ['a trailing dot', 'a.@b.example'],
    ['two dots', 'a..b@c.example'],
    ['an empty label', 'a@b..example'],
    ['a trailing dot in the domain', 'a@b.example.'],
    ['a label that begins with a hyphen', 'a@-b.example'],
    ['a label that ends with a hyphen', 'a@b-.example'],
    ['an underscore in the domain', 'a@b_c.example'],
    ['a source route', 'a%c.example@b.example'],
    ['a bang path', 'c.example!a@b.example'],
    ['a pipe', '|sh@b.example'],
    ['a URL', 'https://a@b.example/x'],
    ['a port', 'a@b.example:25'],
    ['broken punycode', 'a@xn--\u0430.example'],
  ])('%s', (_what, input) => {
    expect(parseAddress(input)).toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/\w/),
    });
  });
});

describe('an address that is taken', () => {
  it.each([
    ['ana@mail.example', 'ana@mail.example'],
    ['Ana.Lopez+orders@mail.example', 'Ana.Lopez+orders@mail.example'],
    ["o'brien@mail.example", "o'brien@mail.example"],
    ['a_b-c=d&e@mail.example', 'a_b-c=d&e@mail.example'],
    ['User@EXAMPLE.com', 'User@example.com'],
    ['a@bücher.example', 'a@xn--bcher-kva.example'],
    ['a@почта.рф', 'a@xn--80a1acny.xn--p1ai'],
    [`${'a'.repeat(64)}@b.example`, `${'a'.repeat(64)}@b.example`],
    [`a@${'b'.repeat(63)}.example`, `a@${'b'.repeat(63)}.example`],
  ])('%s goes to %s', (input, address) => {
    expect(parseAddress(input)).toMatchObject({ kind: 'ok', value: { address } });
  });
});

it('tells an address that only SMTPUTF8 could deliver from a wrong one', () => {
  expect(kindOf('josé@exämple.com')).toBe('needs-smtputf8');
  expect(kindOf('用户@例子.example')).toBe('needs-smtputf8');
  expect(kindOf('josé@localhost')).toBe('invalid');
});

describe('the canonical form, under which an address is suppressed', () => {
  it('does not depend on case', () => {
    expect(canonicalAddress('User@EXAMPLE.com')).toBe('user@example.com');
  });

  it('does not depend on how an international domain is written', () => {
    expect(canonicalAddress('a@BÜCHER.example')).toBe('a@xn--bcher-kva.example');
    expect(canonicalAddress('a@bu\u0308cher.example')).toBe('a@xn--bcher-kva.example');
  });

  it('forgives spaces around, as people paste them', () => {
    expect(canonicalAddress('  ana@mail.example\n')).toBe('ana@mail.example');
  });

  it('is stable: the canonical form of a canonical form is itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (input) => {
        const once = canonicalAddress(input);
        expect(canonicalAddress(once)).toBe(once);
      }),
    );
  });
});

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '@',
        '.',
        ',',
        ';',
        ':',
        '<',
        '>',
        '"',
        '\\',
        '(',
        ')',
        '\r\n',
        '\0',
        ' ',
        '%',
      ),
      fc.constantFrom('RCPT TO:', 'a', 'mail.example', 'xn--', 'é', '\u200b', '。', '①', 'ﬀ', '℀'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));

it('whatever is taken is one plain ASCII address that checks to itself', () => {
  const inputs = fc.oneof(
    fc.emailAddress(),
    hostile,
    fc.tuple(hostile, hostile).map(([local, domain]) => `${local}@${domain}`),
    hostile.map((domain) => `ana@${domain}.example`),
    hostile.map((local) => `${local}@mail.example`),
  );
  fc.assert(
    fc.property(inputs, (input) => {
      const parsed = parseAddress(input);
      if (parsed.kind !== 'ok') return;
      const { address, canonical } = parsed.value;
      expect(address).toMatch(/^[\w.#$&'*+/=?^{}~-]{1,64}@[a-z0-9.-]+\.[a-z0-9-]+$/);
      expect(parseAddress(address)).toEqual(parsed);
      expect(parseAddress(canonical)).toEqual({
        kind: 'ok',
        value: { address: canonical, canonical },
      });
    }),
    { numRuns: 3000 },
  );
});

describe('X4: a domain that is written as another than it leads to', () => {
  it.each([
    ['fullwidth letters', 'ana@ｍail.example'],
    ['circled letters', 'ana@ⓜail.example'],
    ['superscript letters', 'ana@mᵃil.example'],
    ['mathematical letters', 'ana@𝐦ail.example'],
    ['a ligature', 'ana@oﬃce.example'],
    ['the long s', 'ana@ſhop.example'],
    ['an ideographic full stop', 'ana@mail。example'],
    ['a fullwidth full stop', 'ana@mail．example'],
    ['a halfwidth full stop', 'ana@mail｡example'],
    ['a Kelvin sign', 'ana@\u212aelvin.example'],
    ['a letter-like symbol', 'ana@m℀.example'],
  ])('is refused: %s', (_what, input) => {
    expect(parseAddress(input)).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    'ana@münchen.example',
    'ana@MÜNCHEN.example',
    'ana@mu\u0308nchen.example',
    'ana@почта.рф',
    'ana@straße.example',
    'ana@例え.example',
    'ana@xn--mnchen-3ya.example',
    'ana@ΣΑΣ.example',
  ])('is taken: %s', (input) => expect(parseAddress(input)).toMatchObject({ kind: 'ok' }));

  it('no character that Unicode or IDNA takes for others is let through', () => {
    let refused = 0;
    for (let code = 0x80; code <= 0x1ffff; code += 1) {
      const sign = String.fromCodePoint(code);
      if (sign.normalize('NFKC') === sign.normalize('NFC')) continue;
      expect([code, parseAddress(`ana@a${sign}b.example`).kind]).toEqual([code, 'invalid']);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(3_000);
  });
});

it('X4: tells the scripts that a domain mixes, and leaves alone those that are written together', () => {
  expect(mixedScripts('ana@pаypal.example')).toEqual(['Latin', 'Cyrillic']);
  expect(mixedScripts('ana@xn--pypal-4ve.example')).toEqual(['Latin', 'Cyrillic']);
  for (const plain of [
    'a@mail.example',
    'a@почта.рф',
    'a@日本語カタカナabc.example',
    'a@почта.example',
    'a@한국abc.example',
  ])
    expect(mixedScripts(plain)).toEqual([]);
});
