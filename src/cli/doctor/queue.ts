import { openRedis } from '../../../queues/redis.ts';
import type { Config } from '../../config.ts';
import { reasonOf } from '../failure.ts';
import { about, type Finding } from './finding.ts';

const { ok, warn, fail } = about('Queue');
/** BullMQ's own recommendation. */
const oldest = [6, 2] as const;

/** Whether Redis answers and is set up for queues. Without Redis the queue lives in Postgres, which is checked as such. */
export async function checkQueue({ redisUrl }: Config): Promise<Finding[]> {
  if (redisUrl === undefined) return [ok('kept in Postgres; set REDIS_URL for more throughput')];
  const redis = openRedis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 3_000,
    commandTimeout: 3_000,
    maxRetriesPerRequest: 0,
  });
  const causes: Error[] = [];
  redis.on('error', (error: Error) => causes.push(error));
  try {
    await redis.connect();
    await redis.ping();
    return settings(await redis.info());
  } catch (error) {
    // What ioredis throws only says that it gave up.
    const why = reasonOf(causes.at(-1) ?? error);
    return [fail(`Redis cannot be used: ${why}`, 'start it, or correct REDIS_URL')];
  } finally {
    redis.disconnect();
  }
}

/** Pure: what Redis says of itself (`INFO`), judged. */
export function settings(info: string): Finding[] {
  const value = new Map(
    info.split(/\r?\n/).map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const own = value.get('valkey_version');
  const version = value.get('redis_version') ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  const name = own === undefined ? `Redis ${version}` : `Valkey ${own}`;
  const findings = [
    enough ? ok(`${name} answers`) : fail(`${name} is too old`, `upgrade to ${oldest.join('.')}`),
  ];
  const policy = value.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    findings.push(
      warn(
        `Redis throws keys away when memory is short (maxmemory-policy ${policy}), jobs too`,
        'redis-cli config set maxmemory-policy noeviction, and the same in redis.conf',
      ),
    );
  }
  if (value.get('aof_enabled') === '0') {
    findings.push(
      warn(
        'Redis forgets its jobs in a crash (AOF is off); Laurel adds them again, which takes up to a minute',
        'redis-cli config set appendonly yes, and the same in redis.conf',
      ),
    );
  }
  return findings;
}
