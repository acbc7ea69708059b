import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The port of the last start, tried first so that the address stays. */
export function rememberedPort(place: string): number | undefined {
  try {
    const port = Number(readFileSync(join(place, 'port'), 'utf8'));
    return Number.isInteger(port) && port > 0 ? port : undefined;
  } catch {
    return undefined;
  }
}

export const rememberPort = (place: string, port: number): void =>
  writeFileSync(join(place, 'port'), `${port}\n`);

/** A port nobody listens on; below the range that systems give to outgoing connections, if possible. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await listenOn(randomInt(15_000, 32_000));
    if (port) return port;
  }
  return (await listenOn(0)) ?? 0;
}

function listenOn(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
