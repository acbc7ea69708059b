import { isIPv4 } from 'node:net';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addressGuard } from './address-guard.ts';

const guard = addressGuard([]);
/** As a source's URL is read: the parser has its own ideas of what is an address. */
const host = (written: string) => new URL(`http://${written}/`).hostname;

describe('an address that is not public', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '192.0.2.1',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::FFFF:169.254.169.254]',
    '[0:0:0:0:0:ffff:10.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::a00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[2001:db8::1]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[5f00::1]',
    '１２７.０.０.１',
    '①②⑦.0.0.1',
  ])('is refused however it is written: %s', (written) => {
    expect(guard.hostObjection(host(written), false)).toBe('is not a public address');
  });

  it('is refused with a zone as well', () => {
    for (const address of ['fe80::1%eth0', '::1%lo', '::ffff:127.0.0.1%1'])
      expect(guard.objection(address, false)).toBe('is not a public address');
  });

  it('is refused in every spelling of every private network', () => {
    const inside = fc.oneof(
      fc.integer({ min: 0x0a000000, max: 0x0affffff }),
      fc.integer({ min: 0x7f000000, max: 0x7fffffff }),
      fc.integer({ min: 0xa9fe0000, max: 0xa9feffff }),
      fc.integer({ min: 0xac100000, max: 0xac1fffff }),
      fc.integer({ min: 0xc0a80000, max: 0xc0a8ffff }),
      fc.integer({ min: 0x64400000, max: 0x647fffff }),
      fc.integer({ min: 0xe0000000, max: 0xffffffff }),
    );
    const spelling = fc.constantFrom<(address: number) => string>(
      String,
      (n) => `0x${n.toString(16)}`,
      (n) => `0${n.toString(8)}`,
      (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.'),
      (n) => `${n >>> 24}.${n & 0xffffff}`,
      (n) => `0x${(n >>> 24).toString(16)}.0${((n >>> 16) & 255).toString(8)}.${n & 0xffff}`,
      (n) => `[::ffff:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}]`,
    );
    fc.assert(
      fc.property(inside, spelling, (address, spell) => {
        expect(guard.hostObjection(host(spell(address)), false)).not.toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });
});

it('lets public addresses pass, with TLS', () => {
  for (const address of [
    '8.8.8.8',
    '[2600:1f18::1]',
    '172.32.0.1',
    '100.128.0.1',
    '[::ffff:8.8.8.8]',
  ]) {
    expect([address, guard.hostObjection(host(address), false)]).toEqual([address, null]);
    expect(guard.hostObjection(host(address), true)).toBe('is reached without TLS');
  }
  expect(guard.hostObjection('loyalty.example', false)).toBeNull();
});

it('lets those of allowed networks pass, in any clothes, and no others', () => {
  const inside = addressGuard(['10.20.0.0/16', 'fd12::/16']);
  for (const address of ['10.20.3.4', '[::ffff:10.20.3.4]', '[fd12::5]'])
    expect([address, inside.hostObjection(address, true)]).toEqual([address, null]);
  for (const address of ['10.21.0.1', '[fd13::5]', '127.0.0.1'])
    expect(inside.hostObjection(address, false)).toBe('is not a public address');
});

describe('a name', () => {
  type Addresses = readonly { readonly address: string; readonly family: number }[];
  const resolved = async (addresses: Addresses, all = true) => {
    const { lookup } = addressGuard([], (_host, _options, done) => done(null, [...addresses]));
    return new Promise<unknown>((resolve, reject) => {
      lookup(false)('loyalty.example', { all }, (error, found) =>
        error ? reject(error) : resolve(found),
      );
    });
  };
  const publicOne = { address: '8.8.8.8', family: 4 };

  it('leads only where what it resolves to may be connected to', async () => {
    expect(await resolved([publicOne])).toEqual([publicOne]);
    expect(await resolved([publicOne], false)).toBe('8.8.8.8');
    for (const address of ['127.0.0.1', '::1', '::ffff:10.0.0.1', '169.254.169.254'])
      await expect(resolved([{ address, family: isIPv4(address) ? 4 : 6 }])).rejects.toThrow(
        'loyalty.example is not a public address',
      );
  });

  it('with one good address and one private one is not connected to at all', async () => {
    const bad = { address: '10.0.0.1', family: 4 };
    await expect(resolved([publicOne, bad])).rejects.toThrow('not a public address');
    await expect(resolved([])).rejects.toThrow('has no address');
  });
});
