import { expect, it } from 'vitest';

import type { CheckedMail } from '../render/check/finding.ts';
import { mailElements } from '../render/check/mail-elements.ts';
import { openSampling } from './sampling.ts';

function mailOf(inside: string, brand = 'roast'): CheckedMail {
  const html = `<html lang="en"><head><title>A note</title></head><body>${inside}</body></html>`;
  return {
    template: { name: 'note', class: 'transactional' },
    brand: { id: brand, audience: ['gmail'] },
    legal: { company: 'Roast', address: 'Hafen 1' },
    locale: 'en',
    subject: 'A note',
    preheader: 'A note',
    html,
    text: 'A note',
    headers: [],
    sells: false,
    promoted: () => [],
    promises: [],
    unsubscribeUrl: null,
    elements: mailElements(html),
    blockSizes: () => [],
  };
}

function chosen(...mails: readonly CheckedMail[]): readonly number[] {
  const sampling = openSampling();
  for (const mail of mails) sampling.note(mail);
  return sampling.chosen().map((mail) => mails.indexOf(mail));
}

it('takes one of two mails that differ in words, addresses and measures', () => {
  const hello = mailOf('<h1 style="width:10px">Hello</h1><a href="https://a.example">Go</a>');
  const again = mailOf('<h1 style="width:20px">Again</h1><a href="https://b.example">On</a>');
  expect(chosen(hello, again)).toEqual([0]);
});

it('takes a mail for the one element no other has, and none that holds less than another', () => {
  const small = mailOf('<p>Hello</p>');
  const large = mailOf('<p>Hello</p><h2>More</h2>');
  const pale = mailOf('<p style="color:#eee">Hello</p>');
  const silent = mailOf('<p>Hello</p><img src="https://a.example/a.png">');
  expect(chosen(small, large, pale, silent).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
});

it('takes the same mail of each brand, whose colours are its own', () => {
  expect(chosen(mailOf('<p>Hello</p>'), mailOf('<p>Hello</p>', 'air'))).toEqual([0, 1]);
});
