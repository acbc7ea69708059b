import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

import { brandFiles, folderWith } from '../../../test/fixtures-render/folder.ts';
import type { Template } from '../../core/template.ts';
import { checkTemplates } from '../check/run.ts';
import { cleanedComponent, importReact } from './react.ts';

const project = new URL('../../..', import.meta.url).pathname;
const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'schema' in value;

async function imported(source: string, props: Record<string, unknown>) {
  const notes = { changed: new Set<string>(), open: new Set<string>() };
  const component = cleanedComponent(source, 'https://www.roast.example/', notes);
  const { files } = importReact(
    { name: 'from-react', locales: ['en'], brands: ['roast'], component, props },
    notes,
  );
  const all = Object.entries(brandFiles).map(([file, content]) => [`templates/${file}`, content]);
  const own = [...files].map(([file, content]) => [
    file,
    content
      .replaceAll("'../../src/", `'${project}src/`)
      .replaceAll("'../fields.ts'", `'${project}templates/fields.ts'`),
  ]);
  // Within the project, so that what components import is found.
  const root = await folderWith(Object.fromEntries([...all, ...own]), `${project}test`);
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(`${root}/templates/from-react/template.ts`).href
  );
  const definition = Object.values(module ?? {}).find(isTemplate);
  if (!definition) throw new Error('template.ts exports no template');
  return checkTemplates({ root: `${root}/templates`, definitions: [definition], browser: false });
}

const welcome = `import { Body, Button, Container, Font, Head, Heading, Html, Img, Preview, Tailwind, Text } from '@react-email/components';

const baseUrl = process.env.VERCEL_URL ? \`https://\${process.env.VERCEL_URL}\` : '';

export const WelcomeEmail = ({ name, loginUrl, steps }) => (
  <Html lang="en">
    <Tailwind>
      <Head><title>Welcome</title><Font fontFamily="Inter" fallbackFontFamily="Arial" webFont={{ url: 'https://fonts.example/inter.woff2', format: 'woff2' }} /></Head>
      <Preview>Everything you need to get going today</Preview>
      <Body className="bg-white font-sans">
        <Container className="mx-auto p-4">
          <Img src={\`\${baseUrl}/static/logo.png\`} width="40" height="40" alt="Logo" />
          <Heading className="text-2xl">Welcome, {name}</Heading>
          {steps.map((step) => <Text key={step.title}>{step.title}</Text>)}
          <Button href={loginUrl} className="rounded bg-black px-5 py-3 text-white">Sign in</Button>
        </Container>
      </Body>
    </Tailwind>
  </Html>
);

WelcomeEmail.PreviewProps = {};

export default WelcomeEmail;
`;
const props = {
  name: 'Ana',
  loginUrl: 'https://www.roast.example/login',
  steps: [{ title: 'First' }, { title: 'Second' }],
};

it('takes a component with Tailwind and PreviewProps as it is', async () => {
  const { findings, mails } = await imported(welcome, props);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(mails).toBeGreaterThan(0);
}, 30_000);

it('looks at addresses in the finished mail, where the source doesn’t show them', async () => {
  const source = welcome.replace('href={loginUrl}', "href={`${name}${':'}alert(1)`}");
  const { findings } = await imported(source, { ...props, name: 'javascript' });
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'error',
      check: 'render',
      message: expect.stringMatching(/is not an http/),
    }),
  );
}, 30_000);
