import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { builtProgram } from '../../test/built.ts';
import { fixtureDatabase, type FreshDatabase } from '../../test/database.ts';
import { testFolder } from '../../test/folder.ts';

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await fixtureDatabase();
  folder = await mkdtemp(join(tmpdir(), 'laurel-mcp-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const Answer = z.looseObject({
  isError: z.boolean().optional(),
  content: z.tuple([z.looseObject({ type: z.literal('text'), text: z.string() })]),
});

/** An agent at the other end of the command, as the official client is one. */
async function agent(...args: string[]) {
  const client = new Client({ name: 'test', version: '1' });
  const { PATH = '', HOME = '' } = process.env;
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(await builtProgram(), 'src/cli/laurel.js'), 'mcp', ...args],
      cwd: folder,
      env: { PATH, HOME, DATABASE_URL: database.url, LAUREL_DIR: testFolder },
    }),
  );
  onTestFinished(() => client.close());
  const ask = async (name: string, given: Record<string, unknown>) => {
    const answer = Answer.parse(await client.callTool({ name, arguments: given }));
    const [{ text }] = answer.content;
    return answer.isError === true ? { refused: text } : { text, told: JSON.parse(text) };
  };
  return { client, ask };
}

it('an agent reads messages, members and mails, masked, and changes nothing', async () => {
  const { client, ask } = await agent();
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'explain',
    'messages',
    'member',
    'check',
    'preview',
  ]);
  for (const { annotations } of tools) expect(annotations?.readOnlyHint).toBe(true);

  const member = await ask('member', { who: 'hanna-vogel' });
  expect(member.told).toMatchObject({ memberId: 'hanna-vogel' });
  expect(member.text).not.toMatch(/vogel[\w.]*@/);
  expect(await ask('member', { who: 'nobody at all' })).toEqual({
    refused: expect.stringMatching(/nobody is known/),
  });

  const preview = await ask('preview', {
    persona: 'ten-years',
    template: 'welcome',
    brand: 'juniper',
  });
  expect(preview.told).toMatchObject({ decision: { kind: 'send' } });
  expect(Object.keys(preview.told)).not.toContain('html');
  const check = await ask('check', {
    templates: ['welcome'],
    brands: ['juniper'],
    locales: ['en'],
  });
  expect(check.told).toMatchObject({ mails: expect.any(Number), findings: [] });
  expect(await ask('messages', { limit: 0 })).toHaveProperty('refused');
  const { rows } = await database.pool.query('select from laurel.messages');
  expect(rows).toHaveLength(0);
});

it('told so, it hands messages in and takes them back', async () => {
  const { ask } = await agent('--write');
  const message = {
    template: 'welcome',
    brand: 'juniper',
    to: { email: 'somebody@mail.example' },
    data: {},
    sendAt: '2036-01-01T00:00:00Z',
  };
  const sent = await ask('send', { message });
  const { id } = z.object({ id: z.string() }).parse(sent.told);
  expect(await ask('send', { message: { ...message, template: 'welcom' } })).toEqual({
    refused: expect.stringMatching(/template/),
  });
  const listed = await ask('messages', {});
  expect(listed.told).toMatchObject([{ id, state: 'held' }]);
  expect(listed.text).not.toContain('somebody@');
  expect((await ask('cancel', { id: 'last' })).told).toEqual({ id, cancelled: true });
  const explained = await ask('explain', { id });
  expect(explained.told).toMatchObject({ state: 'cancelled' });
  expect(explained.text).not.toContain('somebody@');
});
