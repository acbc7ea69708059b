import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release, totalmem } from 'node:os';

import { z } from 'zod';

const Package = z.object({ version: z.string() });
const packages = ['bullmq', 'ioredis', 'pg', 'nodemailer', 'handlebars', 'mjml', 'react'] as const;

/** What the figures were measured on. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
};

/** @param postgres the server's version, as it says itself */
export function describeMachine(postgres: string | null): Machine {
  const [first] = cpus();
  const redis = /v=(\S+)/.exec(
    spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout ?? '',
  );
  return {
    processor: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    versions: {
      node: process.versions.node,
      ...(postgres !== null && { postgres }),
      ...(redis?.[1] !== undefined && { redis: redis[1] }),
      ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    },
  };
}

function versionOf(name: string): string {
  // Some packages don't export their package.json; it lies beside the others all the same.
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return Package.parse(JSON.parse(readFileSync(`${path}/${name}/package.json`, 'utf8')))
        .version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
