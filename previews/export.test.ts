import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { mailElements } from '../src/render/check/mail-elements.ts';
import { personaLedger } from '../test/personas.ts';
import { renderAnswer } from './answer.ts';
import { exportPreview } from './export.ts';
import { listPersonas, listTemplates } from './lists.ts';
import { openWorkshop } from './workshop.ts';

it('is exported as pages that need no server: every mail as it is, who gets it, and no link that leads nowhere', async () => {
  const ledger = personaLedger();
  const to = await mkdtemp(join(tmpdir(), 'laurel-export-'));
  onTestFinished(async () => {
    await ledger.close();
    await rm(to, { recursive: true, force: true });
  });
  const workshop = await openWorkshop(join(import.meta.dirname, '..'), ledger);
  const counts = await exportPreview({
    renderer: {
      templates: () => listTemplates(workshop),
      personas: () => listPersonas(workshop),
      render: (request) => renderAnswer(workshop, request),
    },
    to,
    templates: ['welcome', 'shipped'],
    brands: ['kestrel'],
  });
  expect(counts).toEqual({ mails: 2 * 8 * 4, unexpected: 0 });
  const files = await readdir(to);
  expect(files.toSorted()).toEqual([
    'index.html',
    'kestrel-shipped.html',
    'kestrel-welcome.html',
    'mails',
  ]);
  const mails = new Set((await readdir(join(to, 'mails'))).map((name) => `mails/${name}`));
  expect(mails.size).toBeGreaterThan(50);
  const leads = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('.html')))
    for (const { attributes } of mailElements(await readFile(join(to, file), 'utf8')))
      for (const name of ['href', 'src']) {
        const lead = attributes.get(name);
        if (lead !== undefined) leads.add(lead);
      }
  expect([...mails].filter((mail) => !leads.has(mail))).toEqual([]);
  expect([...leads].filter((lead) => !mails.has(lead) && !files.includes(lead))).toEqual([]);
  expect(await readFile(join(to, 'kestrel-welcome.html'), 'utf8')).toContain('Not sent');
  // Each card shows the mail in the brand's own language, and is as wide as it is.
  const cards = mailElements(await readFile(join(to, 'index.html'), 'utf8')).flatMap(
    ({ attributes }) => attributes.get('src') ?? [],
  );
  expect(cards).toHaveLength(2);
  for (const card of cards) expect(await readFile(join(to, card), 'utf8')).toContain('lang="en');
}, 240_000);
