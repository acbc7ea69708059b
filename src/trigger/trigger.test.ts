import { mkdir, mkdtemp, rm, writeFile, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { checkTriggers } from './check.ts';
import { filled, holds } from './facts.ts';

const event = {
  type: 'bonus.granted',
  points: 250,
  reason: 'visit',
  lines: [{ category: 'mugs' }],
};

describe('a condition', () => {
  it.each([
    [{ field: 'points', atLeast: 250 }, true],
    [{ field: 'points', atLeast: 251 }, false],
    [{ field: 'points', atMost: 249 }, false],
    [{ field: 'reason', in: ['visit', 'review'] }, true],
    [{ field: 'reason', notIn: ['visit'] }, false],
    [{ field: 'lines.0.category', in: ['mugs'] }, true],
    [{ field: 'lines.1.category', in: ['mugs'] }, false],
    [{ field: 'missing', atLeast: 0 }, false],
    [{ field: 'missing', in: ['x'] }, false],
    [{ field: 'missing', notIn: ['x'] }, true],
    [{ field: 'constructor', notIn: ['x'] }, true],
    [{ field: 'reason', atLeast: 0 }, false],
  ])('%j holds: %s', (condition, expected) => {
    expect(holds(condition, event)).toBe(expected);
  });
});

it('data take what the event says: alone as it is, within a text as text, nothing where there is nothing', () => {
  const data = {
    bonusId: '{event.bonusId}',
    points: '{event.points}',
    text: 'You got {event.points} for a {event.reason}',
    list: ['{event.reason}', 'x'],
    inherited: '{event.constructor.name}',
  };
  expect(filled(data, { event })).toEqual({
    points: 250,
    text: 'You got 250 for a visit',
    list: ['visit', 'x'],
  });
});

describe('a mistake in triggers.json is told with file, line and what to do', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'laurel-triggers-'));
    await mkdir(join(root, 'brands'));
    await cp(
      join(import.meta.dirname, '../../templates/brands/juniper'),
      join(root, 'brands/juniper'),
      { recursive: true },
    );
  });
  afterAll(() => rm(root, { recursive: true }));
  const problemsOf = async (trigger: object) => {
    const text = JSON.stringify({ triggers: { hello: trigger } }, null, 2);
    await writeFile(join(root, 'brands/juniper/triggers.json'), text);
    try {
      checkTriggers(await loadBrands(root), templates);
      return 'none';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const good = {
    on: { event: 'bonus.granted' },
    template: 'bonus-posted',
    data: { bonusId: '{event.bonusId}', name: 'x', reason: '{event.reason}' },
  };

  it('and none where there is none', async () => {
    expect(await problemsOf(good)).toBe('none');
    expect(await problemsOf({ on: { birthday: true }, template: 'status-statement' })).toBe('none');
  });
  it.each([
    [
      { ...good, on: { event: 'bonus.grantd' } },
      'brands/juniper/triggers.json:5 triggers.hello.on.event: there is no event "bonus.grantd"; is it "bonus.granted"?',
    ],
    [
      { ...good, template: 'bonus-postd' },
      'there is no template "bonus-postd"; is it "bonus-posted"?',
    ],
    [{ ...good, template: 'flight-booking' }, 'there is no template "flight-booking"'],
    [
      { ...good, data: { ...good.data, bonusId: '{event.bonus}' } },
      'triggers.hello.data.bonusId: {event.bonus} is not known here; there is event.source',
    ],
    [{ ...good, data: { bonusId: 'b1' } }, '"bonus-posted" needs it'],
    [
      { ...good, data: { ...good.data, colour: 'red' } },
      'triggers.hello.data.colour: "bonus-posted" takes no such data',
    ],
    [
      { ...good, when: [{ field: 'pints', atLeast: 1 }] },
      'there is no field "pints"; is it "points"?',
    ],
    [{ ...good, when: [{ field: 'points' }] }, 'needs in, notIn, atLeast or atMost'],
    [{ ...good, on: { tierReached: ['gild'] } }, 'there is no tier "gild"'],
    [{ ...good, after: 5 }, 'after'],
  ])('%j', async (trigger, message) => {
    expect(await problemsOf(trigger)).toContain(message);
  });
});
