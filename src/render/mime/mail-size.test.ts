import { expect, it } from 'vitest';

import { checkMailSize } from './mail-size.ts';

const message = { id: '01a2', template: 'receipt' };
const email = {
  html: 'h'.repeat(3_000_000),
  text: 'some words',
  attachments: [{ filename: 'chart.png', contentType: 'image/png', content: Buffer.alloc(9_000) }],
};

it('a mail larger than mails may be is refused for good, naming the message, its template and what is large', () => {
  expect(() => checkMailSize(Buffer.alloc(3_100_000), email, message, 2_097_152)).toThrow(
    expect.objectContaining({
      code: 'too-large',
      message:
        'the mail of message 01a2 has 3,028 KB, and mails may have 2,048 KB (MAX_MAIL_KB): template "receipt" made html 2,930 KB, picture or file chart.png 9 KB, text 1 KB; send less data or link to the rest, or shorten what is largest',
    }),
  );
});

it('one that is just as large goes', () => {
  expect(() => checkMailSize(Buffer.alloc(2_097_152), email, message, 2_097_152)).not.toThrow();
});
