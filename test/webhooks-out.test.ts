import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { isAuthenticWebhook } from '../src/package/client.ts';
import { type Got, startHookServer } from './hook-server.ts';
import { enrolReminded } from './reminded.ts';
import { backends, openWorld, type World } from './world.ts';

const secrets = {
  crm: `whsec_${Buffer.alloc(32, 'crm').toString('base64')}`,
  old: `whsec_${Buffer.alloc(32, 'old').toString('base64')}`,
  data: `whsec_${Buffer.alloc(32, 'data').toString('base64')}`,
};
const Told = z.strictObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});

/** What a receiver makes of it: verified by two who don't know how it was made. */
function told({ headers, body }: Got, secret: string): z.infer<typeof Told> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const own = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  expect(isAuthenticWebhook({ headers, body }, secret)).toBe(true);
  expect(isAuthenticWebhook({ headers, body: `${body} ` }, secret)).toBe(false);
  return Told.parse(new Webhook(secret).verify(body, own));
}

describe.each(backends())('webhooks out, through the whole path on %s', (backend) => {
  let world: World;
  let server: Awaited<ReturnType<typeof startHookServer>>;
  const folder = mkdtempSync(join(tmpdir(), 'laurel-hooks-'));
  beforeAll(async () => {
    server = await startHookServer();
    const file = join(folder, 'webhooks.json');
    writeFileSync(
      file,
      JSON.stringify({
        endpoints: {
          crm: {
            url: `${server.url}/crm`,
            secrets: [secrets.crm, secrets.old],
            events: [
              'message.*',
              'campaign.*',
              'trigger.*',
              'suppression.*',
              'consent.*',
              'pause.*',
            ],
          },
          data: {
            url: `${server.url}/data`,
            secrets: [secrets.data],
            events: ['message.sent', 'suppression.added'],
            personalData: true,
          },
        },
      }),
    );
    chmodSync(file, 0o600);
    world = await openWorld(backend, {
      now: () => new Date(),
      env: { ROLES: 'api,worker', WEBHOOKS_FILE: file, ALLOWED_NETWORKS: '127.0.0.0/8' },
    });
  });
  afterAll(async () => {
    await world.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (path: string) => server.got.filter((one) => one.path === path);
  const crm = () => at('/crm').map((one) => told(one, secrets.crm));
  const about = (key: string, value: unknown) => crm().filter(({ data }) => data[key] === value);
  const heard = async (type: string, key: string, value: unknown) => {
    await server.until(() => about(key, value).some((one) => one.type === type), type);
    return about(key, value).find((one) => one.type === type)!;
  };
  const call = async (url: string, payload: object = {}) =>
    (await world.app.http!.inject({ method: 'POST', url, payload })).statusCode;

  it('a message’s way, in its order, with ids and a masked address alone', async () => {
    const ana = await enrolReminded(world, {});
    const sent = await world.send({
      template: 'welcome',
      brand: 'kestrel',
      to: { memberId: ana },
      data: {},
    });
    expect(sent.record.state).toBe('sent');
    const { id } = sent.record;
    const last = await heard('message.sent', 'messageId', id);
    expect(about('messageId', id).map(({ type }) => type)).toEqual([
      'message.accepted',
      'message.sent',
    ]);
    expect(last.data).toEqual({
      messageId: id,
      template: 'welcome',
      brand: 'kestrel',
      memberId: ana,
      address: 'm***@example.com',
    });
    expect(JSON.stringify(crm())).not.toContain(`${ana}@example.com`);
    await server.until(() => at('/data').length > 0);
    const [full] = at('/data').map((one) => told(one, secrets.data));
    expect(full?.data).toMatchObject({ messageId: id, address: `${ana}@example.com` });
    // Both secrets sign, so that one can be taken away without a gap.
    expect(at('/crm').map((one) => told(one, secrets.old))).toHaveLength(at('/crm').length);
  });

  it('consents, suppressions and pauses, and what they keep back', async () => {
    const ana = await enrolReminded(world, {});
    expect(await heard('consent.changed', 'memberId', ana)).toMatchObject({
      data: { purpose: 'marketing', granted: true, source: 'loyalty' },
    });
    expect(
      await call('/v1/suppressions', { address: `${ana}@example.com`, reason: 'complaint' }),
    ).toBe(204);
    const added = await heard('suppression.added', 'reason', 'complaint');
    expect(added.data).toMatchObject({ scope: 'all', address: expect.not.stringContaining(ana) });
    const { record } = await world.send({
      template: 'welcome',
      brand: 'kestrel',
      to: { memberId: ana },
      data: {},
    });
    expect(await heard('message.suppressed', 'messageId', record.id)).toMatchObject({
      data: { reason: 'address-suppressed' },
    });
    expect(await call('/v1/flows/template:shipped/pause')).toBeLessThan(300);
    expect(await heard('pause.started', 'flow', 'template:shipped')).toMatchObject({
      data: { by: 'hand' },
    });
    expect(await call('/v1/flows/template:shipped/resume')).toBeLessThan(300);
    await heard('pause.ended', 'flow', 'template:shipped');
  });

  it('campaigns', async () => {
    const reply = await world.app.http!.inject({
      method: 'POST',
      url: '/v1/campaigns',
      payload: { campaign: 'year-in-review', brand: 'kestrel', year: 2025 },
    });
    expect(reply.statusCode).toBe(201);
    const { id } = reply.json<{ id: string }>();
    await heard('campaign.created', 'campaignId', id);
    expect(await call(`/v1/campaigns/${id}/cancel`)).toBe(200);
    await heard('campaign.cancelled', 'campaignId', id);
    expect(about('campaignId', id).map(({ type }) => type)).toEqual([
      'campaign.created',
      'campaign.cancelled',
    ]);
  });
});
