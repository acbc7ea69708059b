import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { startRedis, startRedisServer } from '../redis.ts';
import { openTcpProxy, throughPort } from './tcp-proxy.ts';

/** A Redis of a run's own, which may be emptied and be away. */
export type OwnRedis = {
  readonly url: string;
  /** Everything in it is gone. */
  readonly flush: () => Promise<void>;
  /** It ends with everything in it, and another begins in its place after a while. */
  readonly restart: (awayMs: number) => Promise<void>;
  /** The same by a way that can be cut. */
  readonly behindProxy: {
    readonly env: { readonly REDIS_URL: string };
    readonly cut: () => Promise<void>;
    readonly restore: () => Promise<void>;
  };
  readonly close: () => Promise<void>;
};

/** Null where redis-server is not installed. */
export async function openOwnRedis(): Promise<OwnRedis | null> {
  const first = await startRedis(undefined);
  const { url } = first;
  if (url === null) return null;
  const port = Number(new URL(url).port);
  let close = first.close;
  const proxy = await openTcpProxy(port);
  return {
    url,
    flush: async () => {
      const redis = new Redis(url);
      await redis.flushall();
      redis.disconnect();
    },
    restart: async (awayMs) => {
      await close();
      await sleep(awayMs);
      ({ close } = await startRedisServer('--maxmemory-policy noeviction', port));
    },
    behindProxy: {
      env: { REDIS_URL: throughPort(url, proxy.port) },
      cut: proxy.cut,
      restore: proxy.restore,
    },
    close: async () => {
      await proxy.close();
      await close();
    },
  };
}
