import { Cluster, Redis, type RedisOptions } from 'ioredis';

import { parseRedisUrl } from './redis-url.ts';

type Patience = Pick<
  RedisOptions,
  | 'maxRetriesPerRequest'
  | 'enableOfflineQueue'
  | 'retryStrategy'
  | 'lazyConnect'
  | 'connectTimeout'
  | 'commandTimeout'
>;

/**
 * A client for one server, a primary that sentinels watch, or a Cluster.
 * @param url checked before, see `parseRedisUrl`
 */
export function openRedis(url: string, patience: Patience): Redis | Cluster {
  const address = parseRedisUrl(url);
  if (typeof address === 'string') throw new Error(`REDIS_URL ${address}`);
  if (address.kind === 'single') return new Redis(address.url, patience);
  const login = {
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls: {} }),
  };
  const { retryStrategy, lazyConnect = false, enableOfflineQueue = true, ...each } = patience;
  const again = (times: number) => {
    const wait = retryStrategy?.(times);
    return typeof wait === 'number' ? wait : null;
  };
  if (address.kind === 'cluster')
    return new Cluster([...address.nodes], {
      redisOptions: { ...each, ...login },
      clusterRetryStrategy: again,
      lazyConnect,
      enableOfflineQueue,
      // Names are asked of the system, as everywhere else; certificates are for names.
      ...(address.tls && { dnsLookup: (host, done) => done(null, host) }),
    });
  return new Redis({
    ...patience,
    ...login,
    sentinels: [...address.nodes],
    name: address.primary,
    db: address.db,
    sentinelRetryStrategy: again,
    ...(address.sentinelPassword !== undefined && { sentinelPassword: address.sentinelPassword }),
    ...(address.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  });
}
