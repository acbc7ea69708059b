import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

/** One log line and one measurement a request: route, status, milliseconds. Never a URL, since these carry ids of people. */
export function recordRequests(app: FastifyInstance, registry: Registry) {
  const seconds = new Histogram({
    name: 'laurel_http_seconds',
    help: 'Time of HTTP requests, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const status = reply.statusCode;
    seconds.observe({ method, route, status }, reply.elapsedTime / 1000);
    request.log[status >= 500 ? 'warn' : 'info'](
      { method, route, status, ms: Math.round(reply.elapsedTime), key: request.keyPrefix },
      'request',
    );
  });
}
