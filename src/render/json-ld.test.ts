import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { priceOf } from '../contract/linked-data.ts';
import { jsonLdText } from './json-ld.ts';

it('reads back as it was, and nothing in it can end its script, whatever a product is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const text = jsonLdText([
        {
          '@type': 'Order',
          orderNumber: `</script><script>alert(1)</script><!-- & ${name}`,
          merchant: { '@type': 'Organization', name },
        },
      ]);
      expect(text).toMatch(/^[ -%'-;=?-~]*$/);
      expect(JSON.parse(text)).toMatchObject({
        '@context': 'https://schema.org',
        merchant: { name },
      });
    }),
  );
});

it('writes amounts in their currency’s own digits', () => {
  expect(priceOf({ amount: 2450, currency: 'EUR' })).toEqual({
    price: '24.50',
    priceCurrency: 'EUR',
  });
  expect(priceOf({ amount: 980, currency: 'JPY' }).price).toBe('980');
  expect(priceOf({ amount: 1234, currency: 'KWD' }).price).toBe('1.234');
});
