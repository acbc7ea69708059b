import { Redis } from 'ioredis';

import { startRedis } from '../redis.ts';
import { openTcpProxy, throughPort } from './tcp-proxy.ts';

/** A Redis of a run's own, which may be emptied and be away. */
export type OwnRedis = {
  readonly url: string;
  /** Everything in it is gone. */
  readonly flush: () => Promise<void>;
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
  const { url, close } = await startRedis(undefined);
  if (url === null) return null;
  const proxy = await openTcpProxy(Number(new URL(url).port));
  return {
    url,
    flush: async () => {
      const redis = new Redis(url);
      await redis.flushall();
      redis.disconnect();
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
