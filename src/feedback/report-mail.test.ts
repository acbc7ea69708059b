import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { InvalidInput } from '../core/errors.ts';
import { readReportMail as readReport } from './report-mail.ts';

const readReportMail = (input: Buffer) => readReport(input, new Date('2026-06-01T12:00:00Z'));

const id = randomUUID();
const original = `From: Juniper <mail@juniper.example>\r\nTo: ana@example.com\r\nMessage-ID: <${id}@juniper.example>\r\nSubject: Your order\r\n`;

/** A report as RFC 3462 lays it out. */
const mail = (type: string, report: string, given = original, givenType = 'message/rfc822') =>
  Buffer.from(
    [
      'From: MAILER-DAEMON@mx.example',
      'To: bounces@juniper.example',
      'Date: Mon, 1 Jun 2026 10:00:00 +0200',
      'Message-ID: <r1@mx.example>',
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=${type.split('/')[1] ?? ''}; boundary="b1"`,
      '',
      '--b1',
      'Content-Type: text/plain',
      '',
      'This is the mail system at host mx.example.',
      '',
      '--b1',
      `Content-Type: ${type}`,
      '',
      report,
      '--b1',
      `Content-Type: ${givenType}`,
      '',
      `${given}${givenType === 'message/rfc822' ? '\r\nHello\r\n' : ''}`,
      '--b1--',
      '',
    ].join('\r\n'),
  );
const status = (recipient: string) =>
  `Reporting-MTA: dns; mx.example\r\nArrival-Date: Mon, 1 Jun 2026 09:59:00 +0200\r\n\r\n${recipient}\r\n`;
const failed = (code: string, diagnostic = '') =>
  status(
    `Final-Recipient: rfc822; ana@example.com\r\nOriginal-Recipient: rfc822;ana@example.com\r\nAction: failed\r\nStatus: ${code}\r\nDiagnostic-Code: smtp; ${diagnostic}`,
  );

describe('a delivery status notification', () => {
  it.each([
    ['5.1.1', 'hard-bounce'],
    ['5.1.2', 'hard-bounce'],
    ['5.1.10', 'hard-bounce'],
    ['5.2.1', 'hard-bounce'],
    ['5.2.2', 'soft-bounce'],
    ['5.7.1', 'soft-bounce'],
    ['5.0.0', 'soft-bounce'],
    ['4.4.7', 'soft-bounce'],
  ])('of status %s is a %s', async (code, kind) => {
    const told = await readReportMail(
      mail('message/delivery-status', failed(code, '550 5.1.1 <ana@example.com>:\r\n    unknown')),
    );
    expect(told).toMatchObject([
      { kind, messageId: id, address: 'ana@example.com', at: '2026-06-01T08:00:00.000Z' },
    ]);
    expect(told[0]?.detail).toContain('unknown');
  });

  it('tells of each recipient, and of delays and deliveries', async () => {
    const told = await readReportMail(
      mail(
        'message/delivery-status',
        status(
          'Final-Recipient: rfc822; a@example.com\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\nFinal-Recipient: rfc822; b@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; c@example.com\r\nAction: relayed\r\nStatus: 2.0.0',
        ),
        original,
        'text/rfc822-headers',
      ),
    );
    expect(told.map(({ kind, address }) => [kind, address])).toEqual([
      ['delayed', 'a@example.com'],
      ['delivered', 'b@example.com'],
    ]);
    expect(new Set(told.map((one) => one.id)).size).toBe(2);
  });
});

describe('a complaint', () => {
  it.each([
    ['abuse', 'complaint'],
    ['fraud', 'complaint'],
    ['opt-out', 'unsubscribed'],
  ])('of type %s is told as %s', async (type, kind) => {
    const report = `Feedback-Type: ${type}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: <ana@example.com>\r\n`;
    expect(await readReportMail(mail('message/feedback-report', report))).toMatchObject([
      { kind, messageId: id, address: 'ana@example.com' },
    ]);
  });
  it('of something that is not spam is none', async () => {
    const report = 'Feedback-Type: not-spam\r\nVersion: 1\r\n';
    expect(await readReportMail(mail('message/feedback-report', report))).toEqual([]);
  });
});

describe('what is no report of ours is refused, saying why', () => {
  it.each([
    [
      'an ordinary mail',
      Buffer.from('From: a@b.example\r\nSubject: Hi\r\n\r\nHello'),
      'is no report',
    ],
    ['nothing', Buffer.alloc(0), 'is no report'],
    [
      'about a mail of somebody else',
      mail('message/delivery-status', failed('5.1.1'), 'Message-ID: <abc@other.example>\r\n'),
      'not about a mail of Laurel',
    ],
    [
      'about a mail that it doesn’t give back',
      mail('message/delivery-status', failed('5.1.1'), ''),
      'not about a mail of Laurel',
    ],
  ])('%s', async (_what, input, why) => {
    await expect(readReportMail(input)).rejects.toThrow(InvalidInput);
    await expect(readReportMail(input)).rejects.toThrow(why);
  });
});
