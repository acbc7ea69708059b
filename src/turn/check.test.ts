import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { checkSending } from './check.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'laurel-sending-'));
  await mkdir(join(root, 'brands'));
  const juniper = join(import.meta.dirname, '../../templates/brands/juniper');
  await cp(juniper, join(root, 'brands/juniper'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

const said = async (values: object) => {
  await writeFile(join(root, 'brands/juniper/sending.json'), JSON.stringify({ values }, null, 2));
  try {
    checkSending(await loadBrands(root), templates);
    return 'nothing';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

it('a value of a template that there isn’t, or that is transactional, is told with file, line and name', async () => {
  const commercial = templates.find((one) => one.class === 'commercial')?.name ?? '';
  expect(await said({ [commercial]: 80 })).toBe('nothing');
  expect(await said({ [commercial]: 80, 'order-confirmatio': 90, shipped: 10 })).toBe(
    [
      'brands/juniper/sending.json:4 values.order-confirmatio: there is no template "order-confirmatio"; is it "order-confirmation"?',
      'brands/juniper/sending.json:5 values.shipped: is transactional: it always goes, and is worth nothing against others',
    ].join('\n'),
  );
});
