import { expect, it } from 'vitest';

import { maskAddress } from '../members/mask.ts';
import { count, oneLine, paintFor } from './terminal.ts';

it('colours a terminal, and neither a pipe nor where NO_COLOR is set', () => {
  expect(paintFor({ isTTY: true }, {})('red', 'no')).toBe('\u001B[31mno\u001B[39m');
  expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'no')).toBe('no');
  expect(paintFor({ isTTY: true }, { TERM: 'dumb' })('red', 'no')).toBe('no');
  expect(paintFor({ isTTY: false }, {})('red', 'no')).toBe('no');
});

it('shows enough of an address to recognise it', () => {
  expect(maskAddress('ana.silva@mail.example')).toBe('a***@mail.example');
  expect(maskAddress('🦊fox@mail.example')).toBe('🦊***@mail.example');
  expect(maskAddress('not an address')).toBe('***');
});

it('keeps text from outside on its line', () => {
  expect(oneLine('Ana\r\n\u001B[2Jgone\u202Edetrevni')).toBe('Ana [2Jgone detrevni');
});

it('counts as people do', () => {
  expect([0, 1, 12_400].map((n) => count(n, 'message'))).toEqual([
    '0 messages',
    '1 message',
    '12,400 messages',
  ]);
  expect(count(2, 'try', 'tries')).toBe('2 tries');
});
