import { expect, it } from 'vitest';

import { codeSentence, endInWords, versionSentence } from './outcome.ts';

const hash = 'fff0e992ec3d'.padEnd(64, '0');
const other = '881c07840836'.padEnd(64, '0');

it.each([
  [null, null, null],
  ['390e5b140434a85a', null, 'version 390e5b140434a85a of the templates folder'],
  [hash, null, 'published version fff0e992ec3d'],
  [hash, hash, 'published version fff0e992ec3d, which it was to keep'],
  [null, other, 'it keeps published version 881c07840836, whatever is live'],
])('made with %s, keeping %s: %s', (templateVersion, pinnedVersion, sentence) => {
  expect(versionSentence({ templateVersion, pinnedVersion })).toBe(sentence);
});

it('says which code a version was used with that it was not made for', () => {
  expect(codeSentence({})).toBeNull();
  expect(codeSentence({ otherCode: ['note/template.ts', 'view'] })).toBe(
    'made for other code than it was used with: note/template.ts, view',
  );
});

it('says in words why nothing goes to somebody who was erased, of whom no decision is kept', () => {
  expect(endInWords('erased')).toBe('the member asked to be forgotten');
});
