import { createServer, connect, type Server, type Socket } from 'node:net';

/** A stretch of network between a service and what it talks to, which can be cut and can go deaf. */
export type TcpProxy = {
  readonly port: number;
  /** Refuses new connections and cuts those there are, until `restore`. */
  readonly cut: () => Promise<void>;
  readonly restore: () => Promise<void>;
  /**
   * From now on connections on which a LISTEN was sent stay open and carry nothing in either direction, as after a
   * firewall has forgotten them: no error, no end. Returns how many there are; others opened later go deaf too.
   */
  readonly deafen: () => number;
  readonly close: () => Promise<void>;
};

type Pair = { readonly near: Socket; readonly far: Socket; listens: boolean };

/** A statement that is nothing but a LISTEN: text ends with a zero byte, and migrations may talk about listening. */
const listen = /\blisten\s+"?\w+"?\s*;?\s*\0/i;

/** Opens one on 127.0.0.1 in front of a port there. */
export async function openTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let deaf = false;
  const join = (near: Socket) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const pair: Pair = { near, far, listens: false };
    pairs.add(pair);
    const carries = () => !(deaf && pair.listens);
    near.on('data', (bytes) => {
      if (carries()) far.write(bytes);
      // Looked for behind the write, so that the server hears it: then nothing of what it says comes back.
      pair.listens ||= listen.test(bytes.toString('latin1'));
    });
    far.on('data', (bytes) => {
      if (carries()) near.write(bytes);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      // Half-open, so that a goodbye on a deaf connection isn't answered either.
      one.on('end', () => {
        if (carries()) other.end();
      });
      one.on('error', () => {}); // 'close' follows
      one.on('close', () => {
        if (carries()) other.destroy();
        if (near.destroyed && far.destroyed) pairs.delete(pair);
      });
    }
  };
  const drop = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  let server: Server = await listenOn(0, join);
  const port = portOf(server);
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    drop();
    await closed;
  };
  return {
    port,
    cut: stop,
    restore: async () => {
      server = await listenOn(port, join);
    },
    deafen: () => {
      deaf = true;
      return [...pairs].filter(({ listens }) => listens).length;
    },
    close: async () => {
      if (server.listening) await stop();
    },
  };
}

const listenOn = (port: number, join: (socket: Socket) => void): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, join);
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
  return address.port;
}

/** The same address with another port. */
export function throughPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
