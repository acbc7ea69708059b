import { decoded, parseUrl } from '../src/core/parse-url.ts';

/** How Redis or Valkey is reached. */
export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string }
  | ({ readonly kind: 'cluster'; readonly nodes: readonly Node[] } & Login)
  | ({
      readonly kind: 'sentinel';
      readonly nodes: readonly Node[];
      /** What the sentinels call the primary. */
      readonly primary: string;
      readonly db: number;
      /** Theirs, where it isn't Redis' own. */
      readonly sentinelPassword: string | undefined;
    } & Login);

type Node = { readonly host: string; readonly port: number };
type Login = {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
};

const several =
  /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^/?@]+)(?:\/([^/?]*))?(?:\?([^#]*))?$/;

/**
 * Reads `redis://…` and `rediss://…` of one server, `redis+sentinel://user:password@host:26379,host:26379/primary?db=0` and
 * `redis+cluster://user:password@host:6379,host:6379`; with `rediss+…` all connections are encrypted.
 * @returns what is wrong, in words that don't repeat the value
 */
export function parseRedisUrl(text: string): RedisAddress | string {
  if (/^rediss?:$/.test(parseUrl(text)?.protocol ?? '')) return { kind: 'single', url: text };
  const [, scheme, kind, login, hosts = '', path = '', query = ''] = several.exec(text) ?? [];
  if (scheme === undefined)
    return 'must be an address that starts with redis://, rediss://, redis+sentinel:// or redis+cluster://, several hosts with commas between';
  const parameters = new URLSearchParams(query);
  const known = kind === 'sentinel' ? ['db', 'sentinelPassword'] : [];
  const odd = [...parameters.keys()].find((name) => !known.includes(name));
  if (odd !== undefined)
    return known.length === 0
      ? 'takes no ?… for a cluster'
      : `takes only ?${known.join('= and ?')}=`;
  const nodes = hosts.split(',').map((host) => nodeOf(host, kind === 'sentinel' ? 26_379 : 6_379));
  if (!nodes.every((node) => node !== undefined))
    return 'must name hosts as host:port, with commas between';
  const [username = '', password] = (login ?? '').split(/:(.*)/s).map(decoded);
  const common = {
    nodes,
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    tls: scheme === 'rediss',
  };
  if (kind === 'cluster')
    return path === ''
      ? { kind, ...common }
      : 'must end after the hosts: a cluster has one database';
  const db = parameters.get('db') ?? '0';
  if (!/^\d{1,3}$/.test(db)) return 'has a ?db= that is no number';
  return path === ''
    ? 'must name the primary the sentinels watch, as in redis+sentinel://host:26379/mymaster'
    : {
        kind: 'sentinel',
        ...common,
        primary: decoded(path),
        db: Number(db),
        sentinelPassword: parameters.get('sentinelPassword') ?? undefined,
      };
}

function nodeOf(text: string, usualPort: number): Node | undefined {
  const [, host, port] = /^(\[[\da-f:]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const number = port === undefined ? usualPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}
