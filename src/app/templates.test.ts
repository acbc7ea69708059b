import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { viewOf } from '../../test/fixtures-render/folder.ts';
import { loadProject } from '../project/load-project.ts';
import { containRendering, openTemplates } from './templates.ts';

const root = join(import.meta.dirname, '../..');

const files = {
  'package.json': '{ "type": "module" }',
  'laurel.config.ts': `import { defineConfig } from './checkout/src/project/config.ts';
import { hello } from './templates/hello/template.ts';

export default defineConfig({ templates: [hello] });
`,
  'templates/hello/template.ts': `import { z } from 'zod';
import { defineTemplate } from '../../checkout/src/decision/define-template.ts';

export const hello = defineTemplate({
  name: 'hello',
  title: 'Hello',
  class: 'transactional',
  for: 'anybody',
  schema: z.strictObject({}),
  blocks: [],
  headline: () => ({}),
  onUnknown: 'resend',
});
`,
  'templates/hello/body.tsx': `/** @jsxRuntime automatic */\nexport default () => <html lang="en"><body><p>Of this project</p></body></html>;\n`,
  ...Object.fromEntries(
    ['en', 'de', 'fr', 'ar'].map((language) => [
      `templates/hello/locales/${language}.json`,
      '{ "subject": "Hello", "preheader": "To you" }',
    ]),
  ),
};

it('renders a project’s templates in threads, wherever Laurel was started', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-elsewhere-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'checkout'));
  for (const name of ['zod', 'react', 'react-dom'])
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  await cp(join(root, 'templates/brands/juniper'), join(folder, 'brands/juniper'), {
    recursive: true,
  });

  const project = await loadProject(folder);
  const { templates, brands } = await openTemplates(undefined, project);
  const { brand } = brands.get('juniper') ?? {};
  if (!brand) throw new Error('there is no such brand');
  const limits = { threads: 1, deadlineMs: 30_000, memoryMb: 256, project: folder };
  const { render, close } = containRendering(limits);
  onTestFinished(close);
  const compiled = templates.compiled('hello', 'juniper', 'en');
  const { html } = await render(
    compiled,
    viewOf({ brand, data: {} }),
    new AbortController().signal,
  );
  expect(html).toContain('Of this project');
});
