import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { IndeterminateError, PermanentError, TemporaryError } from '../core/errors.ts';
import { refusal, replyReader } from '../transports/smtp-reply.ts';
import type { Stage } from '../transports/smtp-reply.ts';
import { circuit } from './circuit-breaker.ts';
import { failureInWords } from './failure.ts';
import { outcomeFor } from './flows.ts';

/** What the transport is held to be after one mail's hand-over ended with an error. */
const afterHandOver = (error: unknown, state: 'queued' | 'failed' = 'failed') =>
  outcomeFor('transport', { state, reason: 'x' }, { step: 'hand-over', error });

describe('the table of failures', () => {
  const rooms = ['decision', 'delivery', 'profile', 'render', 'transports'];
  // What commands about published versions refuse.
  const commands = new Set([
    'nothing-before',
    'unknown-version',
    'ambiguous-version',
    'other-template',
  ]);
  const thrown = rooms.flatMap((room) =>
    readdirSync(join('src', room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [
        ...readFileSync(join('src', room, file), 'utf8').matchAll(
          /(?:Temporary|Permanent|Indeterminate|Placed)Error\(\s*'([^']+)'/g,
        ),
      ])
      .flatMap(([, code = '']) => (commands.has(code) ? [] : [code])),
  );

  it('knows every code that is thrown on a message’s way, in words', () => {
    expect(new Set(thrown).size).toBeGreaterThan(25);
    expect(thrown.filter((code) => failureInWords(code) === undefined)).toEqual([]);
  });

  it('knows what a server’s number means, and nothing of other words', () => {
    expect(failureInWords('smtp-451')).toBe('the mail server wants it later');
    expect(failureInWords('smtp-554')).toBe('the mail server refuses it');
    expect(failureInWords('no-marketing-consent')).toBeUndefined();
    expect(failureInWords('toString')).toBeUndefined();
  });
});

describe('what a refusal says about the transport', () => {
  it.each<[Stage, string, 'everybody’s' | 'perhaps its own' | 'nothing']>([
    ['recipient', '550 5.1.1 no such user', 'nothing'],
    ['recipient', '550 5.1.10 domain takes no mail', 'nothing'],
    ['recipient', '550 5.2.1 mailbox disabled', 'nothing'],
    ['recipient', '550 no such user', 'perhaps its own'],
    ['recipient', '550 5.7.1 blocked', 'perhaps its own'],
    ['recipient', '554 5.7.1 relay access denied', 'everybody’s'],
    ['end', '554 5.7.1 message refused by policy', 'perhaps its own'],
    ['end', '552 5.3.4 too big', 'nothing'],
    ['mail', '550 5.7.1 sender domain blocked', 'everybody’s'],
    ['mail', '530 5.7.0 authentication required', 'everybody’s'],
    ['end', '421 4.7.0 try again later', 'everybody’s'],
  ])('at %s, "%s": %s', async (stage, reply, expected) => {
    const outcome = afterHandOver(refusal(stage, await parsed(reply)));
    const said = outcome?.kind === 'failed' ? outcome : null;
    expect(said === null ? 'nothing' : said.everybodys ? 'everybody’s' : 'perhaps its own').toBe(
      expected,
    );
    expect(said?.what ?? '').not.toMatch(/blocked|policy|later|required|such/);
  });

  it('a 4xx is perhaps greylisting; it counts when the last try ended with it', () => {
    const busy = new TemporaryError('smtp-451', 'the mail server said: 451 4.7.1 greylisted');
    expect(afterHandOver(busy, 'queued')).toBeNull();
    expect(afterHandOver(busy, 'failed')).toMatchObject({ what: 'smtp-451 (451 4.7.1)' });
  });

  it('an answer that is lost counts: each more try may be one more copy', () => {
    const lost = new IndeterminateError('answer-lost', 'connection lost');
    expect(afterHandOver(lost, 'queued')).toMatchObject({ kind: 'failed', what: 'answer-lost' });
  });

  it('what failed before it was handed over says nothing', () => {
    const error = new PermanentError('render-failed', 'items is not iterable');
    expect(
      outcomeFor(
        'transport',
        { state: 'quarantined', reason: error.code },
        { step: 'prepare', error },
      ),
    ).toBeNull();
    expect(afterHandOver(new TemporaryError('aborted', 'stopping'), 'queued')).toBeNull();
  });
});

describe('when failures are held to be the flow’s', () => {
  const limits = { failures: 4, share: 0.5, inARow: 4 };

  it('one after the other, whatever went well before', () => {
    const one = circuit(limits);
    record(one, 'abcdefghijklmnopqrstuvwxyz', 'worked');
    expect(record(one, '123', 'failed')).toBeNull();
    expect(record(one, '4', 'failed')).toEqual(['1', '2', '3', '4']);
  });

  it('the same message time and again is its own affair, unless nobody would get through', () => {
    const one = circuit(limits);
    expect(record(one, '1111111', 'failed')).toBeNull();
    const other = circuit(limits);
    expect(record(other, '1111', 'down')).toEqual(['1']);
  });

  it('never, where the limit is 0', () => {
    expect(record(circuit({ ...limits, failures: 0 }), '123456789', 'down')).toBeNull();
  });
});

const record = (one: ReturnType<typeof circuit>, ids: string, how: 'worked' | 'failed' | 'down') =>
  ids
    .split('')
    .map((id) => one.record(id, how, 0))
    .at(-1);

const parsed = (line: string) =>
  new Promise<Parameters<typeof refusal>[1]>((resolve, reject) => {
    replyReader((reply) => (reply ? resolve(reply) : reject(new Error('no reply'))))(
      Buffer.from(`${line}\r\n`),
    );
  });
