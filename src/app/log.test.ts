import { expect, it } from 'vitest';

import { TemporaryError } from '../core/errors.ts';
import { openLog } from './log.ts';

/** The entry that logging this as `err` makes, by a child as Fastify and the worker use them. */
function entryOf(err: unknown): { readonly err: Record<string, unknown> } {
  const lines: string[] = [];
  openLog('info', { write: (line) => void lines.push(line) })
    .child({ lane: 'transactional' })
    .error({ err }, 'failed');
  return JSON.parse(lines.join(''));
}

const database = (code: string, message: string, fields: object = {}) =>
  Object.assign(new Error(message), { code, ...fields });

it('X3: an error is logged with its stack, and with every cause behind it', () => {
  const broken = database('57P01', 'terminating connection');
  const err = new TemporaryError('ledger-busy', 'others came first', {
    cause: new AggregateError([broken, new Error('second')], 'both failed', { cause: broken }),
  });
  expect(entryOf(err)).toMatchObject({
    err: {
      type: 'TemporaryError',
      code: 'ledger-busy',
      message: 'others came first',
      stack: expect.stringContaining('log.test'),
      cause: {
        message: 'both failed',
        errors: [{ code: '57P01' }, { message: 'second' }],
        cause: { code: '57P01', stack: expect.stringContaining('log.test') },
      },
    },
  });
});

it('says nothing that a database or library quotes of somebody’s data, however deep', () => {
  const told = database('23505', 'Key (email)=(ana@example.com) exists', {
    detail: 'ana@example.com',
    parameters: ['ana@example.com'],
  });
  const entry = entryOf(
    new Error('could not store', { cause: new Error('once more', { cause: told }) }),
  );
  expect(JSON.stringify(entry)).not.toContain('ana@');
  expect(entry).toMatchObject({ err: { cause: { cause: { code: '23505' } } } });
});

it('takes what isn’t an error, and a cause that is its own', () => {
  expect(entryOf('ana@example.com').err).toEqual({ type: 'string' });
  const own = new Error('turns in circles');
  own.cause = own;
  expect(entryOf(own)).toMatchObject({ err: { message: 'turns in circles' } });
});
