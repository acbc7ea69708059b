import { expect, it } from 'vitest';

import { parseUrl } from './parse-url.ts';

it('says the same of an address however often it is asked', () => {
  // As it is read from a file or a request: one byte a letter, in one piece.
  const address: string = JSON.parse('"https://shöp.example/ü"');
  let refused = 0;
  for (let times = 0; times < 100_000; times += 1) if (parseUrl(address) === null) refused += 1;
  expect(refused).toBe(0);
  expect(parseUrl('https://')).toBeNull();
  expect(parseUrl('shop.example')).toBeNull();
});
