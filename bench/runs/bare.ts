// The bare loop a careful team would write: a BullMQ worker, one profile row by key, a template compiled once, nodemailer's
// pooled transport as it comes, one INSERT. No claim, no rules, no re-check, no receipt of why.
import { render, toPlainText } from '@react-email/render';
import { createTransport } from 'nodemailer';
import { z } from 'zod';

import { openPool } from '../../src/postgres/pool.ts';
import { sampleMail } from '../sample.ts';
import { tenant } from '../services.ts';
import { openBareQueue } from './bare-queue.ts';
import { openGauge } from './gauge.ts';
import { readSpec, tell } from './protocol.ts';

const Job = z.object({ n: z.int(), memberId: z.string() });

const spec = readSpec();
const sample = await sampleMail(spec.mail);
const pool = openPool(spec.databaseUrl);
await pool.query(
  'create table bare_log (id bigserial primary key, member_id text, address text, response text, at timestamptz default now())',
);
const server = new URL(spec.smtpUrl);
const transport = createTransport({
  pool: true,
  host: server.hostname,
  port: Number(server.port),
  ignoreTLS: true,
});

const queue = await openBareQueue(spec);
const total = spec.warmUp + spec.mails;
await queue.fill(
  Array.from({ length: total }, (_, n) => ({ n, memberId: sample.order(n).to.memberId })),
);
const gauge = openGauge(spec);
queue.work(async (data) => {
  const { memberId } = Job.parse(data);
  const { rows } = await pool.query<{ document: { email: string } }>({
    name: 'bare-profile',
    text: 'select document from profiles where tenant = $1 and member_id = $2',
    values: [tenant, memberId],
  });
  const to = rows[0]?.document.email;
  if (to === undefined) throw new Error(`member ${memberId} has no address`);
  const { response } = await transport.sendMail({
    from: sample.email.from,
    to,
    ...(await content()),
  });
  await pool.query({
    name: 'bare-log',
    text: 'insert into bare_log (member_id, address, response) values ($1, $2, $3)',
    values: [memberId, to, response],
  });
  gauge.done();
});
const { profile } = await gauge.finished;
await queue.close();
transport.close();
await pool.end();
await tell({ kind: 'details', ...(profile && { profile }) });
process.disconnect();

/** The same view every time: what differs from person to person is left out of the bare loop. */
async function content(): Promise<{ subject: string; html: string; text: string }> {
  if (!sample.element) return sample.compiled.render(sample.view);
  const html = await render(sample.element);
  return { subject: sample.email.subject, html, text: toPlainText(html) };
}
