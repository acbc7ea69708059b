import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { whyLines } from '../src/message/why.ts';
import { enrolReminded, reminder } from './reminded.ts';
import { backends, openWorld, type World } from './world.ts';

const publicUrl = 'https://mail.example';

describe.each(backends())('what a member chooses counts for the next mail, on %s', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend, {
      now: () => new Date(),
      env: { ROLES: 'api,worker', PORT: '0', PUBLIC_URL: publicUrl },
    });
  });
  afterAll(() => world.close());

  const join = () => enrolReminded(world, {});
  const remind = (memberId: string) => world.send(reminder(memberId, world.now()));
  const welcome = (memberId: string) =>
    world.send({ template: 'welcome', brand: 'kestrel', to: { memberId }, data: {} });
  const post = async (url: string, fields: Record<string, string> | string[][]) => {
    const { http } = world.app;
    const reply = await http!.inject({
      method: 'POST',
      url: url.replace(publicUrl, ''),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
    expect(reply.statusCode).toBe(200);
  };
  /** The links of a mail, as a reader finds them. */
  const linksIn = ({ mail }: Awaited<ReturnType<typeof remind>>) => {
    const header = (name: string) => mail?.headers.find(({ key }) => key === name)?.value;
    return {
      oneClick: header('list-unsubscribe')?.replace(/^<|>$/g, '') ?? '',
      post: header('list-unsubscribe-post'),
      page: mail?.text?.match(/https:\/\/mail\.example\/p\/[\w-]+/)?.[0] ?? '',
      html: mail?.html ?? '',
    };
  };

  it('a topic that was switched off by the mail’s own one click', async () => {
    const ana = await join();
    const links = linksIn(await remind(ana));
    expect(links.post).toBe('List-Unsubscribe=One-Click');
    expect(links.html).toContain(`href="${links.oneClick}"`);
    expect(links.html).toContain(`href="${links.page}"`);
    await post(links.oneClick, { 'List-Unsubscribe': 'One-Click' });
    const { record, mail } = await remind(ana);
    expect(record).toMatchObject({ state: 'suppressed', reason: 'topic-off' });
    expect(mail).toBeUndefined();
    expect(whyLines(record)[0]).toContain('switched off mails about bonuses');
    expect((await welcome(ana)).record.state).toBe('sent');
  });

  it('one mail a week, and everything off, from the page the mail links to', async () => {
    const ana = await join();
    const { page } = linksIn(await remind(ana));
    await post(page, { action: 'save', frequency: 'weekly' });
    const { record } = await remind(ana);
    expect(record).toMatchObject({ state: 'suppressed', reason: 'frequency-capped' });
    expect(whyLines(record)[0]).toContain('at most 1 go in 7 days, as the member wants it');
    expect((await welcome(ana)).record.state).toBe('sent');

    await post(page, { action: 'save', frequency: 'all' });
    expect((await remind(ana)).record.state).toBe('sent');
    await post(page, { action: 'stop' });
    expect((await remind(ana)).record).toMatchObject({ state: 'suppressed' });
    const receipt = await welcome(ana);
    expect(receipt.record.state).toBe('sent');
    // What isn't commercial has no such links.
    expect(linksIn(receipt)).toMatchObject({ oneClick: '', page: '' });
    await post(page, { action: 'resume' });
    expect((await remind(ana)).record.state).toBe('sent');
  });

  it('the language', async () => {
    const ana = await join();
    const { page } = linksIn(await remind(ana));
    await post(page, { action: 'save', locale: 'ar' });
    expect((await remind(ana)).mail?.html).toContain('dir="rtl"');
  });

  it('of many reminders at once a member who wants one a week gets one', async () => {
    const ana = await join();
    const { page } = linksIn(await remind(ana));
    const ben = await join();
    const { page: bens } = linksIn(await remind(ben));
    await post(page, { action: 'save', frequency: 'monthly' });
    await world.app.pool.query(
      `update messages set finished_at = now() - interval '31 days' where member_id = $1`,
      [ana],
    );
    const all = await Promise.all(Array.from({ length: 5 }, () => remind(ana)));
    expect(all.filter(({ record }) => record.state === 'sent')).toHaveLength(1);
    expect(bens).not.toBe(page);
    expect((await remind(ben)).record.state).toBe('sent');
  });
});
