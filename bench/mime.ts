import MailComposer from 'nodemailer/lib/mail-composer';

import type { Email } from '../src/contract/email.ts';
import { composeMime } from '../src/render/mime/mime.ts';
import { toWire } from '../src/transports/dot-stuffing.ts';
import { compare } from './compare.ts';
import { type Findings, spread, times } from './report.ts';
import { sampleMail } from './sample.ts';

/** What nodemailer's composer makes of the same mail, with its own choice of encoding. */
export const composeWithNodemailer = ({
  from,
  to,
  subject,
  html,
  text,
}: Pick<Email, 'from' | 'to' | 'subject' | 'html' | 'text'>): Promise<Buffer> =>
  new MailComposer({
    from: { name: from.name, address: from.address },
    to: { name: to.name ?? '', address: to.address },
    subject,
    html,
    text,
  })
    .compile()
    .build();

/** Making the bytes of a finished mail, and making them ready for the wire. */
export async function measureMime(): Promise<Findings> {
  const { email, message } = await sampleMail('mjml');
  const mime = composeMime(email, message.id);
  const theirs = await composeWithNodemailer(email);
  const { micros, toLast } = await compare([
    () => composeMime(email, message.id),
    () => toWire(mime),
    () => composeWithNodemailer(email),
  ]);
  const [ours, wire, reference] = micros;
  const [ratio] = toLast;
  if (!ours || !wire || !reference || !ratio) throw new Error('nothing was measured');
  return {
    title: 'MIME',
    note: `${(Buffer.byteLength(email.html) / 1000).toFixed(1)} kB of html; ours has ${mime.length} bytes, nodemailer's ${theirs.length}`,
    table: [
      ['', 'µs'],
      ['composeMime', spread(ours)],
      ['dot-stuffing for the wire', spread(wire)],
      ["nodemailer's MailComposer", spread(reference)],
    ],
    lines: [`composeMime takes ${times(ratio.median)} of nodemailer's time.`],
    figures: { composeMime: ours, toWire: wire, nodemailer: reference, ratio },
  };
}
