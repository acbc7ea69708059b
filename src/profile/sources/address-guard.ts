import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

import { SourceFault } from './fault.ts';

/** Not reachable on the public internet, or not one machine's: RFC 6890 and its registries. */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 only 2000::/3 is public at all; within it, these aren't, or lead on to an IPv4 address of their choice. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const public6 = ['2000::/3'];

/** Decides which addresses a profile source may be asked at. */
export type AddressGuard = {
  /** What stands against an address, in words; null where nothing does. `plain` is a connection without TLS. */
  readonly objection: (address: string, plain: boolean) => string | null;
  /** What stands against a host as written in a URL, as far as it can be said without resolving it. */
  readonly hostObjection: (host: string, plain: boolean) => string | null;
  /** Resolves for a connection, and refuses unless every address may be used: what was checked is what is connected to. */
  readonly lookup: (plain: boolean) => LookupFunction;
};

type Resolve = (
  host: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Keeps what brand files name from reaching into private networks. `allowed` are networks that may be reached all the
 * same, in CIDR notation; only there a connection may do without TLS.
 */
export function addressGuard(
  allowed: readonly string[],
  resolve: Resolve = systemLookup,
): AddressGuard {
  const open = blockList(allowed);
  const closed4 = blockList(special4);
  const closed6 = blockList(special6);
  const within6 = blockList(public6);

  const objection = (address: string, plain: boolean): string | null => {
    const ip = plainAddress(address);
    if (ip === null) return 'is no IP address';
    const kind = isIPv4(ip) ? 'ipv4' : 'ipv6';
    if (open.check(ip, kind)) return null;
    const isPublic =
      kind === 'ipv4'
        ? !closed4.check(ip, kind)
        : within6.check(ip, kind) && !closed6.check(ip, kind);
    if (!isPublic) return 'is not a public address';
    return plain ? 'is reached without TLS' : null;
  };

  return {
    objection,
    hostObjection: (host, plain) => {
      const bare = host.replace(/^\[(.*)\]$/, '$1');
      if (isIP(bare.replace(/%.*$/, '')) === 0) return null;
      return objection(bare, plain);
    },
    lookup: (plain) => (host, options, callback) => {
      resolve(host, { all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        const why = addresses.map(({ address }) => objection(address, plain)).find(Boolean);
        const [first] = addresses;
        if (why) return callback(new SourceFault('garbage', `${host} ${why}`), '');
        if (!first) return callback(new SourceFault('down', `${host} has no address`), '');
        return options.all
          ? callback(null, addresses)
          : callback(null, first.address, first.family);
      });
    },
  };
}

/** Without a zone, and an IPv4 address in IPv6 clothes as itself. */
function plainAddress(address: string): string | null {
  const bare = address.replace(/%.*$/, '');
  if (isIPv4(bare)) return bare;
  if (isIP(bare) !== 6) return null;
  // The URL parser writes any spelling of it in the same way.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const [high, low] = [parseInt(mapped[1] ?? '', 16), parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
