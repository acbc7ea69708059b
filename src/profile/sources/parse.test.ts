import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { InvalidInput } from '../../core/errors.ts';
import { parseSources } from './parse.ts';
import type { SourceParts } from './source.ts';

const http = {
  kind: 'http',
  url: 'https://loyalty.example/v1/members/{memberId}',
  identity: 'id',
  map: { activePoints: 'points' },
};
const problemsOf = (work: () => unknown) => {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
};
const parts: SourceParts = {
  secret: (name) => (name === 'SOURCE_KEY' ? 'k' : undefined),
  networks: [],
  folder: '.',
  batch: () => () => Promise.reject(new Error('asked')),
  now: () => new Date(),
};

describe('a sources.json', () => {
  it('is refused with every mistake, each by its place', () => {
    const problems = problemsOf(() =>
      parseSources({
        sources: {
          platform: { ...http, timeoutMs: 5_000, required: 'never', retries: 3 },
          crm: { kind: 'file', identity: 'id', map: { pints: 'points', memberId: 'id' } },
          orders: {
            kind: 'sql',
            url: 'postgres://u:p@db.example/x',
            query: 'select 1',
            identity: 'id',
            map: {},
          },
          good: http,
        },
        precedence: { firstName: ['good'], activePoints: ['good', 'ledger', 'nobody'] },
      }),
    ).join('\n');
    for (const part of [
      'sources.platform.retries: is no setting of kind http; there are kind, by, identity',
      'sources.platform.timeoutMs: ',
      'sources.platform.required: ',
      'sources.crm.map.pints: ',
      'sources.crm.map.memberId: ',
      'sources.crm.path: ',
      'sources.orders.url: must name an environment variable',
      'sources.orders.query: must use $1',
      'sources.orders.map: maps no field',
      'precedence.firstName.0: good does not map firstName',
      'precedence.activePoints.2: there is no source "nobody"',
    ])
      expect(problems).toContain(part);
    expect(problems).not.toContain('u:p');
  });

  it.each([
    [{ ledger: http }, 'must not name one ledger'],
    [{ Platform: http }, 'must be a name such as loyalty-platform'],
    [{ p: { ...http, kind: 'soap' } }, 'sources.p.kind: must be http, sql, file'],
    [
      { p: { ...http, map: { activePoints: { from: 'p', as: 'float' } } } },
      'sources.p.map.activePoints',
    ],
  ])('is refused: %j', (sources, message) => {
    expect(problemsOf(() => parseSources({ sources })).join('\n')).toContain(message);
  });

  it.each([
    [
      { url: 'https://10.0.0.1/{memberId}' },
      'url: 10.0.0.1 is not a public address; see ALLOWED_NETWORKS',
    ],
    [{ url: 'http://8.8.8.8/{memberId}' }, 'url: 8.8.8.8 is reached without TLS'],
    [
      { url: 'https://{memberId}.example/' },
      'url: may have a place for the key in its path or query only',
    ],
    [{ url: 'https://loyalty.example/' }, 'url: must contain {memberId}'],
    [{ url: 'https://loyalty.example/{memberId}/{x}' }, 'url: may contain {memberId} in braces'],
    [{ url: 'https://u:p@loyalty.example/{memberId}' }, 'url: holds a password'],
    [{ url: 'file:///etc/passwd?{memberId}' }, 'url: must be an https address'],
    [
      { headers: { authorization: 'Bearer ${SOURCE_OTHER}' } },
      'headers.authorization: needs the environment variable SOURCE_OTHER',
    ],
    [
      { headers: { authorization: '${LAUREL_SECRET}' } },
      'headers.authorization: names LAUREL_SECRET: only',
    ],
  ])('cannot be opened: %j', (settings, message) => {
    const { sources } = parseSources({ sources: { p: { ...http, ...settings } } });
    expect(problemsOf(() => sources[0]?.open(parts))).toEqual([
      expect.stringContaining(`sources.p.${message}`),
    ]);
  });

  it('is as the documentation shows one', () => {
    const text = readFileSync('docs/integrating.md', 'utf8');
    const [, example = ''] = /```json\n(\{\n {2}"sources"[\s\S]*?)```/.exec(text) ?? [];
    const { sources } = parseSources(JSON.parse(example));
    expect(sources.map(({ name }) => name)).toEqual(['platform', 'orders', 'crm']);
  });

  it('is opened where everything it names is there', async () => {
    const headers = { authorization: 'Bearer ${SOURCE_KEY}' };
    const { sources } = parseSources({ sources: { p: { ...http, headers } } });
    await sources[0]?.open(parts).close();
    expect(sources.map(({ name }) => name)).toEqual(['p']);
  });
});
