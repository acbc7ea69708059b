import type { FastifyRequest } from 'fastify';

/** Programs that say what they are: what looks at links for search engines, previews and security, and libraries. */
const programs =
  /bot\b|crawl|spider|slurp|scan|preview|prefetch|headless|monitor|facebookexternalhit|whatsapp|barracuda|mimecast|proofpoint|safelinks|^$|^(?:curl|wget|python|java|go-http|okhttp|axios|node|undici|ruby|perl|libwww|apache-http|php)/i;

/** Whether an address was asked for by a program that says so, or ahead of its reader, rather than by somebody who followed it. */
export function isAutomatic({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>) {
  if (method === 'HEAD') return true;
  const ahead = ['purpose', 'sec-purpose', 'x-purpose', 'x-moz'].map((name) => headers[name]);
  return (
    ahead.some((purpose) => /prefetch|prerender|preview/i.test(String(purpose ?? ''))) ||
    programs.test(headers['user-agent'] ?? '')
  );
}
