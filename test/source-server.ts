import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Another system's HTTP server, on loopback, that does what a test says. */
export type SourceServer = {
  readonly url: string;
  /** What it does from now on. */
  answer: Handler;
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  readonly close: () => Promise<void>;
};

/** Answers with JSON. */
export const json =
  (value: unknown, status = 200): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(value));
  };

export async function startSourceServer(answer: Handler = json({})): Promise<SourceServer> {
  const http = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    server.requests.push({ method, url, headers });
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => server.answer(request, response, body));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const server: SourceServer = {
    url: `http://127.0.0.1:${port}`,
    answer,
    requests: [],
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}
