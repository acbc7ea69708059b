import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { camelCase } from '../../core/camel-case.ts';
import { Persona } from '../../personas/persona.ts';
import type { Library } from '../../project/library.ts';
import { type Answers, trades } from './answers.ts';
import { brandFile, idOf, likeOf, localeFile, programmeFile } from './brand.ts';
import { fixturesOf } from './people.ts';

/** Where each file of `files/` goes. */
const places: Readonly<Record<string, string>> = {
  'README.md.txt': 'README.md',
  'laurel.config.ts.txt': 'laurel.config.ts',
  'mails.test.ts.txt': 'test/mails.test.ts',
  'tsconfig.json.txt': 'tsconfig.json',
  'workflow.yml.txt': '.github/workflows/check.yml',
  'Dockerfile.txt': 'Dockerfile',
  'docker-compose.yml.txt': 'docker-compose.yml',
  'dockerignore.txt': '.dockerignore',
  'gitignore.txt': '.gitignore',
  'env.example.txt': '.env.example',
  'messages.ndjson.txt': 'messages.ndjson',
  'templates.md.txt': 'templates/README.md',
};

/** Templates a project begins with. */
export const firstTemplates = ({ trade }: Answers): readonly string[] => [
  trades[trade].first,
  'welcome',
  'bonus-posted',
  'year-in-review',
];

/** A brand's files and those of its people, by path. */
export async function brandFiles(
  library: Library,
  answers: Answers,
): Promise<ReadonlyMap<string, string>> {
  const id = idOf(answers.brand);
  const like = likeOf(answers);
  const base = await library.filesOf(`brands/${like}`);
  const of = (file: string) => base.get(`brands/${like}/${file}`) ?? '{}';
  const files = new Map([
    [`brands/${id}/brand.json`, json(brandFile(answers, of('brand.json')))],
    [`brands/${id}/programme.json`, json(programmeFile(answers, of('programme.json')))],
  ]);
  for (const language of answers.languages) {
    const file = `locales/${language}.json`;
    files.set(`brands/${id}/${file}`, json(localeFile(language, of(file))));
  }
  for (const [path, text] of await fixturesOf(library, answers))
    files.set(`fixtures/${path}`, text);
  return files;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Every file of a new project but for its templates, by path. */
export async function projectFiles(
  library: Library,
  answers: Answers,
  laurel: string,
): Promise<ReadonlyMap<string, string>> {
  const id = idOf(answers.brand);
  const files = new Map(await brandFiles(library, answers));
  files.set('package.json', json(packageFile(id, laurel)));
  files.set('fixtures/now.json', (await library.fixture('.', 'now.json')) ?? '');
  const [persona] = z
    .array(Persona)
    .parse(JSON.parse(files.get(`fixtures/${id}/personas.json`) ?? '[]'));
  const templates = firstTemplates(answers);
  const words: Record<string, string> = {
    brand: answers.brand,
    programme: answers.programme,
    id,
    persona: persona?.name ?? '',
    personaId: persona?.id ?? '',
    imports: templates
      .map((name) => `import { ${camelCase(name)} } from './templates/${name}/template.ts';`)
      .join('\n'),
    templates: templates.map(camelCase).join(', '),
    installed: ['package.json', 'package-lock.json', packedIn(laurel)].filter(Boolean).join(' '),
    messages: JSON.stringify({
      template: 'welcome',
      brand: id,
      to: { memberId: persona?.memberId },
      data: {},
    }),
  };
  for (const [name, place] of Object.entries(places)) {
    const text = await readFile(join(import.meta.dirname, 'files', name), 'utf8');
    files.set(
      place,
      text.replaceAll(/\{\{(\w+)\}\}/g, (all, key: string) => words[key] ?? all),
    );
  }
  return files;
}

/** The file the package is in, where it lies in the project. */
const packedIn = (laurel: string) => /^file:([^/]*\.tgz)$/.exec(laurel)?.[1];

const packageFile = (id: string, laurel: string) => ({
  name: `${id}-mails`,
  version: '0.0.0',
  private: true,
  type: 'module',
  scripts: {
    start: 'laurel serve',
    demo: 'laurel demo',
    preview: 'laurel preview',
    check: 'laurel check',
    send: 'laurel send',
    test: 'vitest run',
    types: 'tsc --noEmit',
  },
  dependencies: { laurel, zod: '4.6.7' },
  devDependencies: {
    // What `laurel mcp` speaks.
    '@modelcontextprotocol/sdk': '1.32.2',
    '@types/node': '20.19.43',
    '@types/react': '19.3.0',
    typescript: '7.0.2',
    // What vitest runs on: its range would take any newer one.
    vite: '8.3.8',
    vitest: '4.1.12',
  },
  engines: { node: '>=20.19' },
});
