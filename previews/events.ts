import type { IncomingMessage, ServerResponse } from 'node:http';

import type { PreviewEvent } from './protocol.ts';

/** Open pages, told of saved files and of errors by server-sent events. */
export type Events = {
  readonly add: (
    request: IncomingMessage,
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
  ) => void;
  readonly tell: (event: PreviewEvent) => void;
  readonly close: () => void;
};

const heartbeatMs = 20_000;

export function openEvents(): Events {
  const open = new Set<ServerResponse>();
  // A page that opens while something is broken is told at once.
  let report: PreviewEvent = { kind: 'report', report: null, stale: false };
  let counting: PreviewEvent = { kind: 'counting', counting: false };
  const heartbeat = setInterval(() => {
    for (const response of open) response.write(': still here\n\n');
  }, heartbeatMs);
  heartbeat.unref();
  return {
    add: (request, response, headers) => {
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
      response.write('retry: 500\n\n');
      send(response, report);
      send(response, counting);
      open.add(response);
      request.once('close', () => open.delete(response));
    },
    tell: (event) => {
      if (event.kind === 'report') report = event;
      if (event.kind === 'counting') counting = event;
      for (const response of open) send(response, event);
    },
    close: () => {
      clearInterval(heartbeat);
      for (const response of open) response.end();
    },
  };
}

const send = (response: ServerResponse, event: PreviewEvent) =>
  response.write(`data: ${JSON.stringify(event)}\n\n`);
