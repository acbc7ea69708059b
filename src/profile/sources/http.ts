import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { parseUrl } from '../../core/parse-url.ts';
import { addressGuard } from './address-guard.ts';
import { SourceFault } from './fault.ts';
import { type JsonRequest, openFetch } from './fetch-json.ts';
import { Path, pick } from './path.ts';
import { withSecrets } from './secrets.ts';
import { defineSource, keyOf, type Source } from './source.ts';

/** At most so many people in one POST. */
const batchSize = 50;
/** A key nobody has, for looking whether the source answers. */
const nobody = 'laurel-doctor-nobody';

const Settings = z.object({
  /** With `{memberId}`, `{email}` or `{membershipNumber}` in its path or query for GET. */
  url: z.string().max(2_000),
  method: z.enum(['GET', 'POST']).default('GET'),
  /** `${SOURCE_NAME}` in a value is that environment variable. */
  headers: z.record(z.string().regex(/^[\w-]+$/), z.string()).default({}),
  /** For POST: JSON in which the text `{keys}` stands for the list of keys. */
  body: z.json().optional(),
  /** For POST: where the list of people is in the answer. */
  items: Path.optional(),
});

/** Another system's JSON over HTTP: one GET a person, or a POST for several at once. */
export const http = defineSource({
  kind: 'http',
  settings: Settings,
  open: (settings, common, { secret, networks, batch }): Source => {
    const { by, identity, timeoutMs } = common;
    const urlFor = urlTemplate(settings.url, settings.method === 'GET' ? `{${by}}` : null);
    const { protocol, hostname } = urlFor(nobody) ?? new URL('https://invalid');
    const guard = addressGuard(networks);
    const objection = guard.hostObjection(hostname, protocol === 'http:');
    if (objection !== null) refuse('url', `${hostname} ${objection}; see ALLOWED_NETWORKS`);
    const headers = withSecrets(settings.headers, secret, 'headers');
    const { fetchJson, close } = openFetch(guard);

    const get = async (key: string, signal: AbortSignal) => {
      const url = urlFor(key);
      if (!url) return null;
      const answer = await fetchJson({ url, method: 'GET', headers }, signal);
      return answer.kind === 'none' ? null : { record: answer.value };
    };
    const post = batch(
      async (keys: readonly string[]) => {
        const body = JSON.stringify(filled(settings.body ?? '{keys}', keys));
        const url = urlFor('');
        if (!url) throw new SourceFault('garbage', 'has no address');
        const request: JsonRequest = { url, method: 'POST', headers, body };
        const answer = await fetchJson(request, AbortSignal.timeout(timeoutMs));
        const items = answer.kind === 'none' ? [] : pick(answer.value, settings.items ?? []);
        if (!Array.isArray(items)) throw new SourceFault('garbage', 'answers without a list');
        return keys.map((key) => recordOf(items, key, (item) => keyOf(by, pick(item, identity))));
      },
      { max: batchSize, inFlight: 8 },
    );
    const ask: Source['ask'] =
      settings.method === 'GET'
        ? get
        : async (key) => {
            const found = await post(key);
            if (found instanceof SourceFault) throw found;
            return found;
          };
    return {
      ask,
      check: async () => {
        await ask(nobody, AbortSignal.timeout(timeoutMs));
        return `${hostname} answers`;
      },
      close: async () => close(),
    };
  },
});

/** The one item that is about a person. Two of them contradict each other, even where they agree. */
function recordOf(
  items: readonly unknown[],
  key: string,
  whose: (item: unknown) => string | null,
): { readonly record: unknown } | SourceFault | null {
  const hers = items.filter((item) => whose(item) === key);
  if (hers.length > 1) return new SourceFault('garbage', 'tells of the member twice');
  return hers.length === 1 ? { record: hers[0] } : null;
}

/** The address for a key; null for a key that would change where it leads. */
function urlTemplate(template: string, place: string | null): (key: string) => URL | null {
  const sample = place === null ? template : template.replaceAll(place, 'x');
  const parsed = parseUrl(sample);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    refuse('url', 'must be an https address');
  const { origin, username, password } = parsed;
  if (username !== '' || password !== '') refuse('url', 'holds a password: put it in a header');
  if (place !== null && !template.includes(place)) refuse('url', `must contain ${place}`);
  if (/[{}]/.test(sample))
    refuse('url', `may contain ${place ?? 'nothing'} in braces and nothing else`);
  if (/^[^/]*\/\/[^/?#]*\{/.test(template))
    refuse('url', 'may have a place for the key in its path or query only');
  return (key) => {
    if (/^\.{1,2}$/.test(key)) return null;
    const url = new URL(
      place === null ? template : template.replaceAll(place, encodeURIComponent(key)),
    );
    return url.origin === origin ? url : null;
  };
}

type Json = z.infer<ReturnType<typeof z.json>>;

/** The body with the keys in their place. */
function filled(body: Json, keys: readonly string[]): Json {
  if (body === '{keys}') return [...keys];
  if (Array.isArray(body)) return body.map((part) => filled(part, keys));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([name, part]) => [name, filled(part, keys)]));
}

function refuse(path: string, message: string): never {
  throw new InvalidInput([{ path, message }]);
}
