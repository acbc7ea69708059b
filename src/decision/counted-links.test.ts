import { describe, expect, it } from 'vitest';

import { countedTarget } from './counted-links.ts';

describe('a link is counted', () => {
  it.each([
    ['https://shop.example', 'https://shop.example/'],
    [
      'https://shop.example/a b?c=1&utm_source=mail#d',
      'https://shop.example/a%20b?c=1&utm_source=mail#d',
    ],
    ['http://shop.example/beans/single-origin-espresso-from-yirgacheffe-2026', null],
    ['https://shop.example/?utm_campaign=2026blackfridayspringcampaign', null],
    ['https://shop.example/TheGreatBlackFridayCoffeeSale2026', null],
    ['https://shop.example/?code=SPRING26&offer=summer-2026', null],
    ['https://münchen.example/größe', 'https://xn--mnchen-3ya.example/gr%C3%B6%C3%9Fe'],
  ])('%s', (href, target) => expect(countedTarget(href)).toBe(target ?? href));
});

describe('a link is left alone', () => {
  it.each([
    'mailto:care@shop.example',
    'tel:+4930123',
    '#top',
    '',
    'javascript:alert(1)',
    'data:text/html,x',
    '//shop.example/x',
    '/orders',
    'https://',
    'https://ana:secret@shop.example/',
    // May be a key.
    'https://shop.example/reset?token=1',
    'https://shop.example/login?access_token=x',
    'https://shop.example/in#id_token=x',
    'https://shop.example/in?accessToken=x',
    'https://shop.example/in?sig=x&a=b',
    'https://shop.example/in?otp=123456',
    'https://shop.example/magic/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln1a2b3c4d5e',
    'https://shop.example/o/3fa85f64-5717-4562-b3fc-2c963f66afa6',
    'https://shop.example/u/9f86d081884c7d659a2feaa0c55ad015',
    'https://shop.example/u?x=k3J9x0QpL7vB2nM5rT8w',
  ])('%s', (href) => expect(countedTarget(href)).toBeNull());
});
