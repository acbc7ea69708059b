import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MessageRequest } from '../queues/producer.ts';
import { templatesFolder } from '../src/app/folders.ts';
import { publishTemplate } from '../src/app/publishing.ts';
import { loadBrands } from '../src/render/brand-files.ts';
import { loadTemplates } from '../src/render/load.ts';
import { templates as definitions } from '../templates/index.ts';
import { backends, openWorld, type World } from './world.ts';

/** A copy of the templates folder to edit. */
let root: string;
beforeAll(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'laurel-desk-')), 'templates');
  await cp(templatesFolder, root, { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function edit(file: string, change: (text: string) => string) {
  await writeFile(join(root, file), change(await readFile(join(root, file), 'utf8')));
}

async function publish(world: World, template: string, why: string) {
  const brands = await loadBrands(root);
  const set = await loadTemplates({
    root,
    definitions: definitions.filter(({ name }) => name === template),
    brands,
  });
  const { pool } = world.app;
  const folder = world.env['LAUREL_DIR'] ?? '';
  return publishTemplate({ pool, tenant: 'main', folder, root, set, brands }, template, {
    by: 'mira',
    why,
  });
}

const sample = (template: string, brand: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`fixtures/${brand}/samples/${template}.json`, 'utf8'));

describe.each(backends())('published versions, queue on %s', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend);
  }, 120_000);
  afterAll(() => world.close());

  const order = (): MessageRequest => ({
    template: 'order-confirmation',
    brand: 'juniper',
    to: { memberId: 'hanna-vogel' },
    data: sample('order-confirmation', 'juniper'),
  });

  it('renders', async () => {
    const before = await world.send(order());
    expect(before.record.templateVersion).toMatch(/^[0-9a-f]{16}$/);
    const a = await publish(world, 'order-confirmation', 'first');
    expect(a).toMatchObject({ isNew: true, madeLive: true });
    const first = await world.send(order());
    expect(first.record).toMatchObject({ state: 'sent', templateVersion: a.hash });
    expect(first.mail?.html).toBe(before.mail?.html);
  });

  it('react', async () => {
    const flight = () => ({
      template: 'flight-booking',
      brand: 'kestrel',
      to: { memberId: 'ana-keller' },
      data: sample('flight-booking', 'kestrel'),
    });
    const before = await world.send(flight());
    const a = await publish(world, 'flight-booking', 'first');
    const first = await world.send(flight());
    expect(first.record).toMatchObject({ state: 'sent', templateVersion: a.hash });
    expect(first.mail?.html).toBe(before.mail?.html);
  });
});
