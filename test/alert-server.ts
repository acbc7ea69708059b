import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

const Told = z.strictObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});
export type Told = z.infer<typeof Told> & {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** An operator's own server that is told of alerts. The first answers are refusals. */
export async function startAlertServer(refusals = 0): Promise<{
  readonly url: string;
  readonly told: readonly Told[];
  readonly forget: () => void;
  /** Waits for an alert of a type about a flow or, as `brand/source`, a profile source. */
  readonly hear: (type: string, about: string) => Promise<Told>;
  readonly close: () => Promise<void>;
}> {
  const told: Told[] = [];
  let refused = 0;
  const hearOne = async (request: IncomingMessage): Promise<number> => {
    const body = await text(request);
    if (refused++ < refusals) return 503;
    told.push({ ...Told.parse(JSON.parse(body)), headers: request.headers, body });
    return 204;
  };
  const server = createServer((request, response) => {
    hearOne(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return {
    url: `http://127.0.0.1:${address.port}/alerts`,
    told,
    forget: () => {
      told.length = 0;
    },
    hear: async (type, about) => {
      const until = performance.now() + 20_000;
      for (;;) {
        const found = told.find((one) => one.type === type && aboutOf(one) === about);
        if (found) return found;
        if (performance.now() > until) throw new Error(`nobody was told of ${type} of ${about}`);
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

const aboutOf = ({ data: { flow, brand, source } }: Told) =>
  flow ?? `${String(brand)}/${String(source)}`;
