import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A webhook as a receiver got it, and what it answered. */
export type Got = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
  status: number;
};

/** Somebody else's server that is told by webhooks. `answer` says the status, or answers by itself. */
export async function startHookServer(
  answer: (got: Got, response: ServerResponse) => number | undefined = () => 204,
): Promise<{
  readonly url: string;
  readonly got: readonly Got[];
  /** Waits until something is so. */
  readonly until: (is: (got: readonly Got[]) => boolean, what?: string) => Promise<void>;
  readonly close: () => Promise<void>;
}> {
  const got: Got[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const one = { headers: request.headers, body, path: request.url ?? '', status: 0 };
    got.push(one);
    const status = answer(one, response);
    if (status === undefined) return;
    one.status = status;
    response.writeHead(status).end();
  };
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return {
    url: `http://127.0.0.1:${address.port}`,
    got,
    until: async (is, what = 'it') => {
      const end = performance.now() + 25_000;
      while (!is(got)) {
        if (performance.now() > end)
          throw new Error(`${what} did not come: ${got.map(({ body }) => body).join('\n')}`);
        await sleep(20);
      }
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
