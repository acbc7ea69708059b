import {
  type Attributes,
  type Context,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';

import type { TraceAccepting, TraceParent } from '../contract/tracing.ts';
import { PermanentError, TemporaryError } from '../core/errors.ts';
import type { Claim, Ending } from '../delivery/claims.ts';
import type { Deps } from '../delivery/deliver.ts';

export type Tracing = {
  readonly accepting: TraceAccepting;
  /** What deliveries work with, with a span for every attempt and every hand-over. */
  readonly delivering: (deps: Deps) => Deps;
  /** Hands over what is still to be told. */
  readonly close: () => Promise<void>;
};

const quiet = () => {};

/** @param url where traces go, by OTLP over HTTP. Headers, sampling and resource attributes are read from `OTEL_…` by the library. */
export function openTracing({ url, log }: { readonly url: string; readonly log: Logger }): Tracing {
  // Otherwise nobody would hear that traces get nowhere.
  const heard = (text: string) => log.warn({ telemetry: text.slice(0, 500) }, 'a trace is lost');
  diag.setLogger(
    { error: heard, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    DiagLogLevel.ERROR,
  );
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'laurel' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  const tracer = provider.getTracer('laurel');
  const start = (name: string, kind: SpanKind, attributes: Attributes, parent?: Context) =>
    tracer.startSpan(name, { kind, attributes }, parent ?? ROOT_CONTEXT);

  return {
    accepting: (messages, parent) => {
      const [first] = messages;
      const span = start(
        `send ${first?.lane ?? 'transactional'}`,
        SpanKind.PRODUCER,
        {
          ...common(first?.lane ?? 'transactional'),
          'messaging.operation.type': 'send',
          'messaging.operation.name': 'send',
          ...(messages.length === 1
            ? { 'messaging.message.id': first?.id, 'laurel.template': first?.template }
            : { 'messaging.batch.message_count': messages.length }),
        },
        parent === undefined ? undefined : contextOf(parent),
      );
      return {
        parent: parentOf(span),
        end: (error) => {
          if (error !== undefined) fail(span, error);
          span.end();
        },
      };
    },
    delivering: (deps) => {
      /** Of attempts in hand, by message: a message is in one pair of hands at a time. */
      const open = new Map<string, Span>();
      return {
        ...deps,
        claim: async (id) => {
          const claim = await deps.claim(id);
          if (claim) open.set(claim.message.id, startAttempt(start, claim));
          return claim;
        },
        handOver: async (mail, signal) => {
          const within = open.get(mail.messageId);
          const span = start(
            'hand-over',
            SpanKind.CLIENT,
            { 'messaging.message.id': mail.messageId },
            within && trace.setSpan(ROOT_CONTEXT, within),
          );
          try {
            const handedOver = await deps.handOver(mail, signal);
            span.setAttributes({ 'laurel.transport': handedOver.transport });
            const [status] = /^\d{3}(?=\D|$)/.exec(handedOver.response) ?? [];
            if (status !== undefined)
              span.setAttribute('smtp.response.status_code', Number(status));
            return handedOver;
          } catch (error) {
            fail(span, error);
            throw error;
          } finally {
            span.end();
          }
        },
        finish: async (ending) => {
          const span = open.get(ending.id);
          if (span) tellEnding(span, ending);
          await deps.finish(ending);
        },
        letGo: (claim) => {
          open.get(claim.message.id)?.end();
          open.delete(claim.message.id);
          deps.letGo(claim);
        },
      };
    },
    close: () => provider.shutdown(),
  };
}

type Start = (name: string, kind: SpanKind, attributes: Attributes, parent?: Context) => Span;

const common = (lane: string): Attributes => ({
  'messaging.system': 'laurel',
  'messaging.destination.name': lane,
});

function startAttempt(start: Start, { message, tries, waitedMs, trace: parent }: Claim): Span {
  const lane = message.campaignId === undefined ? 'transactional' : 'campaign';
  return start(
    `process ${lane}`,
    SpanKind.CONSUMER,
    {
      ...common(lane),
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.message.id': message.id,
      'laurel.template': message.template,
      'laurel.brand': message.brand,
      'laurel.tries': tries,
      'laurel.waited_ms': Math.round(waitedMs),
    },
    parent == null ? undefined : contextOf(parent),
  );
}

/** Reasons are codes; what an error says in words may name somebody. */
function tellEnding(span: Span, { state, reason, templateVersion }: Ending): void {
  span.setAttributes({
    'laurel.state': state,
    ...(reason !== null && { 'laurel.reason': reason }),
    ...(templateVersion !== null && { 'laurel.template_version': templateVersion }),
  });
  if (state === 'failed' || state === 'quarantined')
    span.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? state });
}

function fail(span: Span, error: unknown): void {
  const isOurs = error instanceof PermanentError || error instanceof TemporaryError;
  const type = isOurs ? error.code : error instanceof Error ? error.name : 'error';
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}

const parentOf = (span: Span): TraceParent => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};

function contextOf(parent: TraceParent): Context {
  const [, traceId = '', spanId = '', flags = '00'] = parent.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  });
}
