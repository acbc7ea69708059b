import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { whyLines } from '../src/message/why.ts';
import { readStats } from '../src/stats/read.ts';
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

  /** A reminder as a campaign of its own would have sent it, and what is told of that campaign and its template. */
  async function campaignMail() {
    const member = await join();
    const outcome = await remind(member);
    const campaign = randomUUID();
    await world.app.pool.query(
      `update messages set campaign_id = $2, lane = 'campaign' where id = $1`,
      [outcome.record.id, campaign],
    );
    const unsubscribed = async () => {
      const counts = [];
      for (const by of ['campaign', 'template'] as const) {
        const { lines } = await readStats(world.app.pool, 'main', { by });
        const name = by === 'campaign' ? campaign : outcome.record.template;
        counts.push(lines.find((line) => line.name === name)?.figures.unsubscribed.count);
      }
      return counts;
    };
    return { member, links: linksIn(outcome), id: outcome.record.id, unsubscribed };
  }

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

  describe('is counted for the mail it came from, once', () => {
    const topicOff = [
      ['action', 'save'],
      ['shown', 'bonuses'],
    ];

    it.each<[string, 'oneClick' | 'page', string[][], number]>([
      ['the one click of a mailbox', 'oneClick', [['List-Unsubscribe', 'One-Click']], 1],
      ['the button that ends everything', 'oneClick', [['scope', 'all']], 1],
      ['everything off, on the page', 'page', [['action', 'stop']], 1],
      ['the topic of the mail off, on the page', 'page', topicOff, 1],
      [
        'a page saved with that topic on',
        'page',
        [...topicOff, ['topic', 'bonuses'], ['frequency', 'monthly']],
        0,
      ],
      [
        'another topic off',
        'page',
        [
          ['action', 'save'],
          ['shown', 'offers'],
        ],
        0,
      ],
      ['erasure asked for', 'page', [['action', 'erase']], 0],
    ])('%s', async (_what, link, fields, counted) => {
      const mail = await campaignMail();
      const [, before = 0] = await mail.unsubscribed();
      for (const _ of [1, 2]) await post(mail.links[link], fields);
      expect(await mail.unsubscribed()).toEqual([counted, before + counted]);
      const { rows } = await world.app.pool.query(
        'select kind, source, detail from delivery_feedback where message_id = $1',
        [mail.id],
      );
      const source = link === 'page' ? 'preference-page' : 'unsubscribe-link';
      expect(rows).toEqual(counted === 0 ? [] : [{ kind: 'unsubscribed', source, detail: null }]);
    });

    it('by whichever of its links, and from the one page to the other', async () => {
      const mail = await campaignMail();
      await post(mail.links.oneClick, { 'List-Unsubscribe': 'One-Click' });
      const { payload } = await world.app.http!.inject({
        url: mail.links.oneClick.replace(publicUrl, ''),
      });
      const page = /href="(\/p\/[\w-]+)"/.exec(payload)?.[1] ?? '';
      await post(page, { action: 'stop' });
      await post(mail.links.page, { action: 'stop' });
      expect((await mail.unsubscribed())[0]).toBe(1);
    });

    it('as nobody’s, once the member is erased', async () => {
      const mail = await campaignMail();
      const reply = await world.app.http!.inject({
        method: 'POST',
        url: `/v1/members/${mail.member}/erase`,
        headers: { host: 'localhost' },
      });
      expect(reply.statusCode).toBe(204);
      await post(mail.links.oneClick, { 'List-Unsubscribe': 'One-Click' });
      const { rows } = await world.app.pool.query(
        'select address_hash, detail from delivery_feedback where message_id = $1',
        [mail.id],
      );
      expect(rows).toEqual([{ address_hash: null, detail: null }]);
    });
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
