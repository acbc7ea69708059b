import { connect, createServer, type Server, type Socket } from 'node:net';

/** A connection to Postgres that can be cut: new ones are refused and open ones broken until it is mended. */
export async function openWire() {
  const sockets = new Set<Socket>();
  let target = 0;
  let whole = true;
  const server: Server = createServer((client) => {
    if (!whole) {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return {
    /** The address of a database by way of it. */
    through: (databaseUrl: string) => {
      const through = new URL(databaseUrl);
      target = Number(through.port);
      through.port = String(address.port);
      return through.href;
    },
    cut: () => {
      whole = false;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => (whole = true),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
