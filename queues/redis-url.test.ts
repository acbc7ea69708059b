import { expect, it } from 'vitest';

import { parseRedisUrl } from './redis-url.ts';

const login = { username: undefined, password: undefined, tls: false };

it.each([
  ['redis://:secret@cache.example:6379/2', { kind: 'single' }],
  ['rediss://cache.example', { kind: 'single' }],
  [
    'redis+sentinel://a.example:26379,b.example/mymaster',
    {
      ...login,
      kind: 'sentinel',
      nodes: [
        { host: 'a.example', port: 26_379 },
        { host: 'b.example', port: 26_379 },
      ],
      primary: 'mymaster',
      db: 0,
    },
  ],
  [
    'rediss+sentinel://laurel:p%40ss@[::1]:7000/main?db=3&sentinelPassword=other',
    {
      kind: 'sentinel',
      username: 'laurel',
      password: 'p@ss',
      tls: true,
      nodes: [{ host: '::1', port: 7_000 }],
      db: 3,
      sentinelPassword: 'other',
    },
  ],
  [
    'redis+cluster://:secret@a.example:7001,b.example:7002',
    { ...login, kind: 'cluster', password: 'secret', nodes: [{ port: 7_001 }, { port: 7_002 }] },
  ],
])('reads %s', (text, expected) => {
  expect(parseRedisUrl(text)).toMatchObject(expected);
});

it.each([
  ['http://cache.example', 'starts with redis://'],
  ['redis+sentinel://hunter2.example:26379', 'must name the primary'],
  ['redis+sentinel://hunter2.example/main?db=x', '?db= that is no number'],
  ['redis+sentinel://hunter2.example/main?name=x', 'takes only ?db= and ?sentinelPassword='],
  ['redis+cluster://hunter2.example:99999', 'must name hosts'],
  ['redis+cluster://a.example,,hunter2.example', 'must name hosts'],
  ['redis+cluster://hunter2.example/1', 'a cluster has one database'],
])('says what is wrong with %s, without repeating it', (text, expected) => {
  const problem = parseRedisUrl(text);
  expect(problem).toEqual(expect.stringContaining(expected));
  expect(problem).not.toContain('hunter2');
});
