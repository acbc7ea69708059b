import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { openProducer } from '../src/package/producer.ts';
import { builtProgram } from './built.ts';
import { openWorld } from './world.ts';

const Value = z.object({ stringValue: z.string().optional(), intValue: z.number().optional() });
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .transform((all) =>
    Object.fromEntries(all.map(({ key, value }) => [key, value.stringValue ?? value.intValue])),
  );
const Span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  attributes: Attributes,
  status: z.looseObject({ code: z.int().optional() }),
});
const Export = z.object({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: Attributes }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(Span) })),
    }),
  ),
});

/** What takes traces, as OpenTelemetry's collector does. */
async function openReceiver() {
  const exports: z.output<typeof Export>[] = [];
  const raw: string[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body: unknown = await json(request);
    raw.push(`${request.url} ${JSON.stringify(body)}`);
    exports.push(Export.parse(body));
    response.setHeader('content-type', 'application/json').end('{}');
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = z
    .custom<AddressInfo>((at) => typeof at === 'object' && at !== null)
    .parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    raw,
    spans: () =>
      exports.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    services: () =>
      exports.flatMap(({ resourceSpans }) =>
        resourceSpans.map(({ resource }) => resource.attributes['service.name']),
      ),
  };
}

const message = (orderId: string) => ({
  template: 'delivered',
  brand: 'juniper',
  to: { email: 'somebody@mail.example', name: 'Some Body' },
  data: { orderId, deliveredAt: '2026-05-04T18:30:00+02:00' },
});

it('one trace leads from the shop over the queue to what the mail server answered, and names nobody', async () => {
  const receiver = await openReceiver();
  const world = await openWorld('postgres', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  const shopTrace = 'a'.repeat(32);
  const parent = `00-${shopTrace}-${'b'.repeat(16)}-01`;
  const { record } = await world.send(message('J-1'));
  const shop = openProducer({ database: world.app.pool, traceparent: () => parent });
  const fromShop = await shop.enqueue(message('J-2'));
  expect((await world.settled(fromShop.id)).state).toBe('sent');
  await world.close();

  const spans = receiver.spans();
  const of = (id: string) =>
    spans.filter(({ attributes }) => attributes['messaging.message.id'] === id);
  const [sent, processed, handedOver] = ['send ', 'process ', 'hand-over'].map((name) =>
    of(record.id).find((span) => span.name.startsWith(name)),
  );
  expect(new Set(of(record.id).map(({ traceId }) => traceId)).size).toBe(1);
  expect(processed?.parentSpanId).toBe(sent?.spanId);
  expect(handedOver?.parentSpanId).toBe(processed?.spanId);
  // Producer, consumer, client, as OTLP numbers them.
  expect([sent, processed, handedOver].map((span) => span?.kind)).toEqual([4, 5, 3]);
  expect(sent?.attributes).toMatchObject({
    'messaging.system': 'laurel',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'transactional',
    'laurel.template': 'delivered',
  });
  expect(processed?.attributes).toMatchObject({
    'messaging.operation.type': 'process',
    'laurel.state': 'sent',
  });
  expect(handedOver?.attributes).toMatchObject({
    'laurel.transport': 'smtp',
    'smtp.response.status_code': 250,
  });
  expect(of(fromShop.id).map(({ traceId }) => traceId)).toEqual([shopTrace, shopTrace]);
  expect(new Set(receiver.services())).toEqual(new Set(['laurel']));
  for (const text of receiver.raw) expect(text).toMatch(/^\/v1\/traces /);
  for (const text of receiver.raw) expect(text).not.toMatch(/somebody|Some Body|@|J-1/);
});

it('costs nothing where nobody asks for it: nothing of it is loaded', async () => {
  const app = join(await builtProgram(), 'src/app/app.js');
  const program = `await import(${JSON.stringify(app)});
    const { createRequire } = await import('node:module');
    const cached = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify(cached.filter((file) => /@opentelemetry\\/(sdk|exporter|otlp|resources)/.test(file))));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    program,
  ]);
  expect(JSON.parse(stdout)).toEqual([]);
});
