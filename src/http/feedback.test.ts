import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { type HttpApi, openHttpApi } from '../../test/http-api.ts';
import { snsCertificate, snsKey } from '../../test/sns-certificate.ts';
import { standardHeaders, standardSecret } from '../../test/webhooks.ts';
import { feedbackKinds } from '../feedback/feedback.ts';
import { exportMember } from '../members/export.ts';
import { readGuards } from '../message/rows/guards.ts';

const now = new Date('2026-06-01T09:00:00Z');
const seconds = now.getTime() / 1000;
const topic = 'arn:aws:sns:eu-west-1:123456789012:laurel';
const certificateUrl = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-01d088a6.pem';
const mailgunKey = 'key-3ax6xnjp29jd6fds4gc373sgvjxteol0';
const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

let api: HttpApi;
beforeAll(async () => {
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  api = await openHttpApi({
    now: () => now,
    webhooks: {
      mails: { adapter: 'ses', topics: [topic] },
      grid: { adapter: 'sendgrid', publicKey },
      marks: { adapter: 'postmark', secrets: ['laurel:a long enough password'] },
      guns: { adapter: 'mailgun', secrets: [mailgunKey] },
      own: { adapter: 'feedback', secrets: [standardSecret] },
    },
  });
});
afterAll(() => api.close());

/** What is asked of the world outside. */
const fetched: string[] = [];
beforeEach(() => {
  fetched.length = 0;
  vi.stubGlobal('fetch', async (url: string) => {
    fetched.push(url);
    return new Response(url === certificateUrl ? snsCertificate : 'confirmed');
  });
});
afterEach(() => void vi.unstubAllGlobals());

type Posted = { path: string; headers: Record<string, string>; payload: string };
let posted: Posted = { path: '', headers: {}, payload: '' };
const inject = ({ path, headers, payload }: Posted) =>
  api.app.inject({ method: 'POST', url: `/v1/webhooks/${path}`, headers, payload });
const post = (path: string, headers: Record<string, string>, payload: string) => {
  posted = { path, headers, payload };
  return inject(posted);
};

/** A mail that has left. */
async function sent(address: string, tenant = 'main'): Promise<string> {
  const id = randomUUID();
  await api.database.pool.query(
    `insert into messages (id, tenant, request_hash, lane, template, brand, email, data, state, next_at, finished_at, sent_to, transport, response)
     values ($1, $2, '', 'transactional', 'order-confirmation', 'juniper', $3, '{}', 'sent', now(), '2026-06-01T08:00:00Z', $3, 'smtp', '250 ok')`,
    [id, tenant, address],
  );
  return id;
}
/** `reason/scope` under which an address is on the list. */
async function listed(address: string, tenant = 'main'): Promise<string[]> {
  const { rows } = await api.database.pool.query<{ is: string }>(
    `select reason || '/' || scope as is from suppressions
      where tenant = $1 and address = lower($2) order by 1`,
    [tenant, address],
  );
  return rows.map(({ is }) => is);
}
async function timeline(id: string) {
  const headers = await api.as();
  const reply = await api.app.inject({ url: `/v1/messages/${id}`, headers });
  const { timeline: entries } = reply.json<{
    timeline: { what: string; at: string; detail: string | null; source: string }[];
  }>();
  return entries.filter(({ source }) => source !== 'laurel');
}

/** What SNS posts, signed as its documentation says. */
function sns(event: object, change: Record<string, string> = {}) {
  const message = {
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: topic,
    Message: JSON.stringify(event),
    Timestamp: '2026-06-01T08:59:00.000Z',
    SignatureVersion: '2',
    SigningCertURL: certificateUrl,
    ...change,
  };
  const text = [
    `Message\n${message.Message}\n`,
    `MessageId\n${message.MessageId}\n`,
    ...('SubscribeURL' in message ? [`SubscribeURL\n${String(message.SubscribeURL)}\n`] : []),
    `Timestamp\n${message.Timestamp}\n`,
    ...('Token' in message ? [`Token\n${String(message.Token)}\n`] : []),
    `TopicArn\n${message.TopicArn}\n`,
    `Type\n${message.Type}\n`,
  ].join('');
  const algorithm = message.SignatureVersion === '1' ? 'sha1' : 'sha256';
  return { ...message, Signature: sign(algorithm, Buffer.from(text), snsKey).toString('base64') };
}
const ses = (message: object) =>
  post('ses/mails', { 'content-type': 'text/plain; charset=UTF-8' }, JSON.stringify(message));
const sesMail = (id: string, address: string) => ({
  timestamp: '2026-06-01T08:00:00.000Z',
  messageId: '0000014644fe5ef6-9a483358-9170-4cb4-a269-f5dcdf415321-000000',
  source: 'mail@juniper.example',
  destination: [address],
  headersTruncated: false,
  headers: [
    { name: 'From', value: 'Juniper <mail@juniper.example>' },
    { name: 'Message-ID', value: `<${id}@juniper.example>` },
  ],
  commonHeaders: { messageId: `<${id}@juniper.example>`, subject: 'Your order' },
});
const sesBounce = (id: string, address: string, bounceType = 'Permanent') => ({
  notificationType: 'Bounce',
  bounce: {
    bounceType,
    bounceSubType: 'General',
    bouncedRecipients: [
      {
        emailAddress: address,
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: `smtp; 550 5.1.1 <${address}>... User unknown`,
      },
    ],
    timestamp: '2026-06-01T08:01:00.000Z',
    feedbackId: `0000-${id}`,
    reportingMTA: 'dns; a8-70.smtp-out.amazonses.com',
  },
  mail: sesMail(id, address),
});

function grid(events: readonly object[], at = String(seconds)) {
  const body = JSON.stringify(events);
  const signature = sign('sha256', Buffer.from(at + body), keys.privateKey).toString('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': at,
    },
  };
}
const gridEvent = (id: string, address: string, more: object) => ({
  email: address,
  timestamp: seconds - 60,
  'smtp-id': `<${id}@juniper.example>`,
  sg_event_id: randomUUID(),
  sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
  ...more,
});

const password = `Basic ${Buffer.from('laurel:a long enough password').toString('base64')}`;
const mark = (payload: object, authorization = password) =>
  post(
    'postmark/marks',
    { 'content-type': 'application/json', authorization },
    JSON.stringify(payload),
  );

function gun(data: object, change: Record<string, string> = {}) {
  const timestamp = String(seconds - 5);
  const token = randomUUID().replaceAll('-', '');
  const signature = createHmac('sha256', mailgunKey)
    .update(timestamp + token)
    .digest('hex');
  return { signature: { timestamp, token, signature, ...change }, 'event-data': data };
}
const gunData = (id: string, address: string, more: object) => ({
  id: randomUUID(),
  timestamp: seconds - 60.123,
  'log-level': 'error',
  recipient: address,
  message: { headers: { to: address, 'message-id': `${id}@juniper.example`, from: 'x' }, size: 5 },
  ...more,
});
const mailgun = (payload: object) =>
  post('mailgun/guns', { 'content-type': 'application/json' }, JSON.stringify(payload));

const tellOnDays = async (
  address: string,
  days: readonly number[],
  delivered: readonly number[],
) => {
  const events = [
    ...days.map((day) => ({ kind: 'soft-bounce', day })),
    ...delivered.map((day) => ({ kind: 'delivered', day })),
  ];
  for (const { kind, day } of events) {
    const at = new Date(now.getTime() - (40 - day) * 86_400_000).toISOString();
    const event = { id: randomUUID(), kind, at, messageId: await sent(address), address };
    const body = JSON.stringify({ feedback: [event] });
    await post('feedback/own', standardHeaders(event.id, seconds, body), body);
  }
  return listed(address);
};

const statusOf = async (reply: ReturnType<typeof post>) => (await reply).statusCode;
const bounce = () => sesBounce(randomUUID(), 'forged@example.com');

type Case = readonly [
  what: string,
  tell: (id: string, address: string) => ReturnType<typeof post>,
  kind: string,
  suppressed: readonly string[],
];
const gone = ['hard-bounce/all'];
const gridded = (more: object) => (id: string, address: string) => {
  const { headers, body } = grid([gridEvent(id, address, more)]);
  return post('sendgrid/grid', headers, body);
};
const gunned = (more: object) => (id: string, address: string) =>
  mailgun(gun(gunData(id, address, more)));
const marked =
  (fields: (address: string) => object) =>
  (id: string, address: string): ReturnType<typeof post> =>
    mark({
      ...fields(address),
      MessageID: randomUUID(),
      ServerID: 23,
      Metadata: { 'laurel-message': id },
    });

const cases: readonly Case[] = [
  ['SES: permanent bounce', (id, to) => ses(sns(sesBounce(id, to))), 'hard-bounce', gone],
  [
    'SES: signed with SHA-1',
    (id, to) => ses(sns(sesBounce(id, to), { SignatureVersion: '1' })),
    'hard-bounce',
    gone,
  ],
  [
    'SES: transient bounce',
    (id, to) => ses(sns(sesBounce(id, to, 'Transient'))),
    'soft-bounce',
    [],
  ],
  [
    'SES: complaint',
    (id, to) =>
      ses(
        sns({
          eventType: 'Complaint',
          complaint: {
            complainedRecipients: [{ emailAddress: to }],
            timestamp: '2026-06-01T08:02:00.000Z',
            feedbackId: `c-${id}`,
            complaintFeedbackType: 'abuse',
          },
          mail: sesMail(id, to),
        }),
      ),
    'complaint',
    ['complaint/all'],
  ],
  [
    'SES: delivery',
    (id, to) =>
      ses(
        sns({
          notificationType: 'Delivery',
          delivery: {
            timestamp: '2026-06-01T08:00:03.000Z',
            recipients: [to],
            processingTimeMillis: 546,
            smtpResponse: '250 ok: Message 64111812 accepted',
          },
          mail: sesMail(id, to),
        }),
      ),
    'delivered',
    [],
  ],
  [
    'SendGrid: bounce',
    gridded({ event: 'bounce', type: 'bounce', status: '5.0.0', reason: '500 unknown recipient' }),
    'hard-bounce',
    gone,
  ],
  [
    'SendGrid: blocked',
    gridded({ event: 'bounce', type: 'blocked', reason: 'ip listed' }),
    'soft-bounce',
    [],
  ],
  [
    'SendGrid: dropped',
    gridded({ event: 'dropped', reason: 'Bounced Address', status: '5.0.0' }),
    'hard-bounce',
    gone,
  ],
  [
    'SendGrid: deferred',
    gridded({ event: 'deferred', response: '400 try again later', attempt: '5' }),
    'delayed',
    [],
  ],
  ['SendGrid: delivered', gridded({ event: 'delivered', response: '250 OK' }), 'delivered', []],
  ['SendGrid: spam report', gridded({ event: 'spamreport' }), 'complaint', ['complaint/all']],
  [
    'SendGrid: unsubscribe',
    gridded({ event: 'unsubscribe' }),
    'unsubscribed',
    ['unsubscribe/commercial'],
  ],
  [
    'Postmark: hard bounce',
    marked((to) => ({
      RecordType: 'Bounce',
      ID: Math.trunc(Math.random() * 1e9),
      Type: 'HardBounce',
      TypeCode: 1,
      Name: 'Hard bounce',
      Tag: 'Test',
      Description: 'The server was unable to deliver your message',
      Details: 'Test bounce details',
      Email: to,
      From: 'mail@juniper.example',
      BouncedAt: '2026-06-01T08:05:00.7316130Z',
      DumpAvailable: true,
      Inactive: true,
      CanActivate: true,
    })),
    'hard-bounce',
    gone,
  ],
  [
    'Postmark: soft bounce',
    marked((to) => ({
      RecordType: 'Bounce',
      ID: Math.trunc(Math.random() * 1e9),
      Type: 'SoftBounce',
      TypeCode: 4096,
      Email: to,
      BouncedAt: '2026-06-01T08:05:00Z',
    })),
    'soft-bounce',
    [],
  ],
  [
    'Postmark: spam complaint',
    marked((to) => ({
      RecordType: 'SpamComplaint',
      ID: Math.trunc(Math.random() * 1e9),
      Type: 'SpamComplaint',
      Email: to,
      BouncedAt: '2026-06-01T08:05:00Z',
    })),
    'complaint',
    ['complaint/all'],
  ],
  [
    'Postmark: delivery',
    marked((to) => ({
      RecordType: 'Delivery',
      Recipient: to,
      DeliveredAt: '2026-06-01T08:00:09Z',
      Details: 'Test delivery webhook details',
    })),
    'delivered',
    [],
  ],
  [
    'Postmark: unsubscribed',
    marked((to) => ({
      RecordType: 'SubscriptionChange',
      Recipient: to,
      ChangedAt: '2026-06-01T08:30:00Z',
      Origin: 'Recipient',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
    })),
    'unsubscribed',
    ['unsubscribe/commercial'],
  ],
  [
    'Mailgun: permanent failure',
    gunned({
      event: 'failed',
      severity: 'permanent',
      reason: 'bounce',
      'delivery-status': {
        'attempt-no': 1,
        message: '',
        code: 550,
        description: 'No such mailbox',
        'session-seconds': 0,
      },
    }),
    'hard-bounce',
    gone,
  ],
  [
    'Mailgun: temporary failure',
    gunned({
      event: 'failed',
      severity: 'temporary',
      reason: 'generic',
      'delivery-status': { code: 452, message: 'Insufficient system storage' },
    }),
    'delayed',
    [],
  ],
  [
    'Mailgun: given up',
    gunned({
      event: 'failed',
      severity: 'permanent',
      reason: 'old',
      'delivery-status': { code: 602, message: 'Too old' },
    }),
    'soft-bounce',
    [],
  ],
  [
    'Mailgun: delivered',
    gunned({ event: 'delivered', 'delivery-status': { code: 250, message: 'OK' } }),
    'delivered',
    [],
  ],
  ['Mailgun: complained', gunned({ event: 'complained' }), 'complaint', ['complaint/all']],
  [
    'Mailgun: unsubscribed',
    gunned({ event: 'unsubscribed' }),
    'unsubscribed',
    ['unsubscribe/commercial'],
  ],
  [
    'anybody, in our own form',
    (id, to) => {
      const body = JSON.stringify({
        feedback: [
          {
            id: `e-${id}`,
            kind: 'hard-bounce',
            at: '2026-06-01T10:00:00+02:00',
            messageId: id,
            address: to,
          },
        ],
      });
      return post('feedback/own', standardHeaders(`m-${id}`, seconds, body), body);
    },
    'hard-bounce',
    gone,
  ],
];

describe('what providers tell of mails', () => {
  it.each(cases)('promise 17: %s, once of a hundred', async (_what, tell, kind, suppressed) => {
    const address = `${randomUUID()}@example.com`;
    const id = await sent(address);
    const reply = await tell(id, address);
    expect(reply.json()).toMatchObject({ applied: 1, duplicate: 0, ignored: 0 });
    const again = await Promise.all(Array.from({ length: 99 }, () => inject(posted)));
    for (const other of again) expect(other.json()).not.toMatchObject({ applied: 1 });
    expect(await listed(address)).toEqual(suppressed);
    const [entry, ...others] = await timeline(id);
    expect(others).toEqual([]);
    expect(entry?.what).toBe(kind);
    // Nobody's address is kept in it.
    expect(entry?.detail ?? '').not.toContain(address);
    const [guard] = await readGuards(api.database.pool, [{ tenant: 'main', address, about: [] }]);
    expect(guard?.suppression === null).toBe(suppressed.length === 0);
  });

  it('is told of every kind, so that all of them were tried', () => {
    const tried = new Set(cases.map(([, , kind]) => kind));
    expect(feedbackKinds.filter((kind) => !tried.has(kind))).toEqual(['clicked']);
  });

  it('counts once, however often it is told', async () => {
    const address = 'twice@example.com';
    const id = await sent(address);
    const { headers, body } = grid([
      gridEvent(id, address, { event: 'bounce', type: 'bounce' }),
      gridEvent(id, address, { event: 'open' }),
    ]);
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => post('sendgrid/grid', headers, body)),
    );
    const applied = replies.map((reply) => reply.json<{ applied: number }>().applied);
    expect(applied.filter((n) => n === 1)).toHaveLength(1);
    expect(applied.filter((n) => n === 0)).toHaveLength(19);
    expect(await timeline(id)).toHaveLength(1);
  });

  it('goes forwards in time, by whichever clocks it is told', async () => {
    const { pool } = api.database;
    const id = await sent('clocks@example.com');
    await pool.query(
      `update messages_open set member_id = 'clocks', accepted_at = '2026-06-01T08:30:00Z' where id = $1`,
      [id],
    );
    const told = {
      deferred: '2026-06-01T08:10:00Z',
      delivered: '2026-06-01T08:31:00Z',
      bounce: '2026-06-01T08:20:00Z',
    };
    for (const [event, at] of Object.entries(told)) {
      const timestamp = Date.parse(at) / 1000;
      const { headers, body } = grid([gridEvent(id, 'clocks@example.com', { event, timestamp })]);
      expect((await post('sendgrid/grid', headers, body)).json()).toMatchObject({ applied: 1 });
    }
    const reply = await api.app.inject({ url: `/v1/messages/${id}`, headers: await api.as() });
    const message = reply.json<{
      acceptedAt: string;
      finishedAt: string;
      timeline: { what: string; at: string }[];
    }>();
    expect(message.timeline.map(({ what, at }) => [what, at.slice(11, 16)])).toEqual([
      ['accepted', '08:30'],
      ['sent', '08:30'],
      ['delayed', '08:30'],
      ['hard-bounce', '08:30'],
      ['delivered', '08:31'],
    ]);
    expect(message.finishedAt).toBe(message.acceptedAt);
    const { messages } = await exportMember(pool, 'main', 'clocks', ['clocks'], now);
    expect(messages.map((row) => [row['accepted_at'], row['finished_at']])).toEqual([
      ['2026-06-01T08:30:00+00:00', '2026-06-01T08:30:00+00:00'],
    ]);
    await pool.query('update messages_open set finished_at = null where id = $1', [id]);
    expect(
      (await exportMember(pool, 'main', 'clocks', ['clocks'], now)).messages[0]?.['finished_at'],
    ).toBeNull();
  });

  it('never takes an address off the list, in whatever order it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(['hard-bounce', 'delivered', 'soft-bounce', 'delayed', 'clicked'], {
          minLength: 2,
        }),
        async (kinds) => {
          const address = `${randomUUID()}@example.com`;
          const id = await sent(address);
          let wasListed = false;
          for (const [hour, kind] of kinds.entries()) {
            const event = {
              id: randomUUID(),
              kind,
              at: `2026-06-01T0${hour}:00:00Z`,
              messageId: id,
            };
            const body = JSON.stringify({ feedback: [event] });
            await post('feedback/own', standardHeaders(event.id, seconds, body), body);
            const is = (await listed(address)).length > 0;
            expect(is || !wasListed).toBe(true);
            wasListed = is;
          }
          expect(wasListed).toBe(kinds.includes('hard-bounce'));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives an address up after five soft bounces on several days, unless something was delivered between', async () => {
    expect(await tellOnDays('full@example.com', [1, 2, 3, 4, 5], [])).toEqual(gone);
    expect(await tellOnDays('four@example.com', [1, 2, 3, 4], [])).toEqual([]);
    expect(await tellOnDays('oneday@example.com', [1, 1, 1, 1, 1, 1], [])).toEqual([]);
    expect(await tellOnDays('longago@example.com', [1, 2, 3, 38, 39], [])).toEqual([]);
    const between = 'between@example.com';
    expect(await tellOnDays(between, [], [3])).toEqual([]);
    expect(await tellOnDays(between, [1, 2, 4, 5, 6], [])).toEqual([]);
  });

  it('of another tenant’s message says nothing of it', async () => {
    const address = 'other@example.com';
    const id = await sent(address, 'other');
    await ses(sns(sesBounce(id, address)));
    expect(await listed(address)).toEqual(gone);
    expect(await listed(address, 'other')).toEqual([]);
    const { rows } = await api.database.pool.query(
      'select 1 from delivery_feedback where message_id = $1',
      [id],
    );
    expect(rows).toEqual([]);
  });
});

describe('what is forged', () => {
  it('is refused of SES: changed, of another topic, under a certificate from elsewhere', async () => {
    const good = sns(bounce());
    expect(
      await statusOf(ses({ ...good, Message: good.Message.replace('General', 'NoEmail') })),
    ).toBe(401);
    expect(await statusOf(ses({ ...good, Signature: '' }))).toBe(401);
    expect(
      await statusOf(ses(sns(bounce(), { TopicArn: 'arn:aws:sns:eu-west-1:666666666666:laurel' }))),
    ).toBe(401);
    const elsewhere = [
      'https://sns.eu-west-1.amazonaws.com.evil.example/x.pem',
      'https://evil.example/sns.eu-west-1.amazonaws.com/x.pem',
      'http://sns.eu-west-1.amazonaws.com/x.pem',
      'https://sns.eu-west-1.amazonaws.com@evil.example/x.pem',
      'https://sns.eu-west-1.amazonaws.com:8443/x.pem',
    ];
    for (const SigningCertURL of elsewhere)
      expect(await statusOf(ses(sns(bounce(), { SigningCertURL })))).toBe(401);
    expect(fetched.filter((url) => url !== certificateUrl)).toEqual([]);
  });

  it('is refused of SendGrid: changed, signed by another, with another time', async () => {
    const { headers, body } = grid([
      gridEvent(randomUUID(), 'forged@example.com', { event: 'spamreport' }),
    ]);
    expect(
      await statusOf(post('sendgrid/grid', headers, body.replace('spamreport', 'bounce'))),
    ).toBe(401);
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const signature = sign('sha256', Buffer.from(seconds + body), other.privateKey).toString(
      'base64',
    );
    expect(
      await statusOf(
        post(
          'sendgrid/grid',
          { ...headers, 'x-twilio-email-event-webhook-signature': signature },
          body,
        ),
      ),
    ).toBe(401);
    expect(
      await statusOf(
        post(
          'sendgrid/grid',
          { ...headers, 'x-twilio-email-event-webhook-timestamp': String(seconds + 1) },
          body,
        ),
      ),
    ).toBe(401);
    expect(
      await statusOf(post('sendgrid/grid', { 'content-type': 'application/json' }, body)),
    ).toBe(401);
  });

  it('is refused of Postmark without the password', async () => {
    const payload = {
      RecordType: 'SpamComplaint',
      ID: 1,
      Email: 'forged@example.com',
      BouncedAt: '2026-06-01T08:00:00Z',
    };
    expect(await statusOf(mark(payload, 'Basic bGF1cmVsOng='))).toBe(401);
    expect(await statusOf(mark(payload, ''))).toBe(401);
    expect(await statusOf(mark(payload, password.replace('Basic', 'Bearer')))).toBe(401);
  });

  it('is refused of Mailgun: another key, an old token, a token used for something else', async () => {
    const data = gunData(randomUUID(), 'forged@example.com', { event: 'complained' });
    expect(await statusOf(mailgun(gun(data, { signature: 'a'.repeat(64) })))).toBe(401);
    const old = String(seconds - 100_000);
    const token = 'b'.repeat(50);
    const signature = createHmac('sha256', mailgunKey)
      .update(old + token)
      .digest('hex');
    expect(await statusOf(mailgun(gun(data, { timestamp: old, token, signature })))).toBe(401);
    const good = gun(gunData(randomUUID(), 'real@example.com', { event: 'delivered' }));
    expect((await mailgun(good)).statusCode).toBe(200);
    expect(await statusOf(mailgun({ ...good, 'event-data': data }))).toBe(401);
    expect((await mailgun(good)).json()).toMatchObject({ applied: 0, duplicate: 1 });
  });
});

it('what was forged has left nothing', async () => {
  expect(await listed('forged@example.com')).toEqual([]);
});

describe('a subscription of SNS', () => {
  it('is confirmed at SNS, and nowhere else', async () => {
    const SubscribeURL =
      'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37';
    const asks = { Type: 'SubscriptionConfirmation', Token: '2336412f37' };
    const reply = await ses(sns({}, { ...asks, SubscribeURL }));
    expect(reply.json()).toMatchObject({ why: 'confirmed' });
    expect(fetched).toContain(SubscribeURL);
    const elsewhere = await ses(sns({}, { ...asks, SubscribeURL: 'https://evil.example/' }));
    expect(elsewhere.statusCode).toBe(400);
    expect(fetched).not.toContain('https://evil.example/');
  });
});

it('no longer says whose it was once the member is erased', async () => {
  const address = 'erased.bounce@example.com';
  const id = await sent(address);
  await ses(sns(sesBounce(id, address)));
  const { forgetAddress } = await import('../message/rows/guards.ts');
  await forgetAddress(api.database.pool, 'main', address);
  const { rows } = await api.database.pool.query(
    'select address_hash, detail from delivery_feedback where message_id = $1',
    [id],
  );
  expect(rows).toEqual([{ address_hash: null, detail: null }]);
});
