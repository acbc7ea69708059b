import { spawn, spawnSync } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The Redis to test with: the one given, else one of our own, else none when it is not installed. */
export async function startRedis(
  given: string | undefined,
): Promise<{ url: string | null; close: () => Promise<void> }> {
  if (given) return { url: given, close: async () => {} };
  if (spawnSync('redis-server', ['--version']).status !== 0)
    return { url: null, close: async () => {} };
  const { port, close } = await startRedisServer('--maxmemory-policy noeviction');
  return { url: `redis://127.0.0.1:${port}`, close };
}

/** A `redis-server` on 127.0.0.1 with these settings, that ends with this process. */
export async function startRedisServer(
  settings: string,
  /** Another one's, that has ended. */
  before?: number,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const port = before ?? (await freePort());
  // A file of settings comes first, and sentinels know nothing of saving.
  const [file = '', ...rest] = settings.split(' ');
  const own = file.startsWith('--') ? settings : rest.join(' ');
  const common = `--port ${port} --bind 127.0.0.1${own.includes('--sentinel') ? '' : " --save '' --appendonly no"}`;
  const command = `redis-server ${file.startsWith('--') ? '' : file} ${common} ${own}`;
  // The shell waits for our end of its input to close, so that Redis ends even when this run is killed.
  const shell = spawn('sh', ['-c', `${command} & cat; kill $!; wait`], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => shell.on('close', resolve));
  while (!(await accepts(port))) {
    if (shell.exitCode !== null) throw new Error('redis-server did not start');
    await sleep(20);
  }
  return {
    port,
    close: async () => {
      shell.stdin.end();
      await ended;
    },
  };
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => socket.destroy());
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(!socket.errored));
  });

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
