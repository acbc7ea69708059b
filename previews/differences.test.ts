import { expect, it } from 'vitest';

import { differencesOf } from './ui/differences.ts';

const mail = {
  subject: 'Your order',
  preheader: 'It is on its way.',
  text: 'Hanna,\n\nit left us.',
};

it.each([
  ['subject', 'Your other order', 'Your order'],
  ['preheader', 'It is nearly there.', 'It is on its way.'],
  ['text', 'Hanna,\n\nit is nearly there.', 'it left us.'],
] as const)('a mail with another %s says something else', (part, said, before) => {
  const { decisions, lines } = differencesOf(
    { blocks: [], mail },
    { blocks: [], mail: { ...mail, [part]: said } },
  );
  expect(decisions).toEqual([]);
  expect(lines).toEqual([
    { side: 'left', text: before },
    { side: 'right', text: said.split('\n').at(-1) },
  ]);
});

it('the same mail says the same', () => {
  const side = { blocks: [], mail };
  expect(differencesOf(side, side)).toEqual({ decisions: [], lines: [] });
});
