import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium, type Page } from 'playwright-core';

import { residentBytes } from './process-memory.ts';
import { atMost, type Findings, ms } from './report.ts';
import { quantile } from './statistics.ts';

const project = join(import.meta.dirname, '..');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

const edits = 12;
const slides = 30;
const many = { templates: 200, personas: 50 };

/** A copy of the project, to be edited while the preview looks at it. */
async function copyOfProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'laurel-bench-preview-'));
  for (const folder of ['templates', 'fixtures', 'src', 'package.json', 'laurel.config.ts'])
    await cp(join(project, folder), join(root, folder), { recursive: true });
  const extended = { extends: join(project, 'tsconfig.json'), include: ['**/*'] };
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify(extended));
  await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
  return root;
}

type Started = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ms: number;
};

/** The command itself, until it has printed its address. */
async function start(root: string, folder: string): Promise<Started> {
  const since = performance.now();
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const child = spawn(
    process.execPath,
    ['--import', tsx, join(project, 'src/cli/laurel.ts'), 'preview', '--port', '0'],
    {
      cwd: root,
      env: { ...process.env, LAUREL_DIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^Preview: (\S+)/.exec(line) ?? [];
    if (url !== undefined) return { child, url, ms: performance.now() - since };
  }
  throw new Error('the preview ended before it had started');
}

async function stop({ child }: Started): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

const shows = (page: Page, text: string) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll<HTMLIFrameElement>('iframe.frame:not(.waiting)')].some(
        ({ contentDocument }) => contentDocument?.body?.textContent?.includes(wanted) ?? false,
      ),
    text,
    { polling: 'raf', timeout: 60_000 },
  );

type Edited = {
  readonly what: string;
  readonly path: string;
  readonly file: string;
  /** The file with a word in it that the mail shows. */
  readonly with: (source: string, word: string) => string;
};

const edited: readonly Edited[] = [
  {
    what: 'a body.mjml',
    path: '/t/shipped?brand=juniper',
    file: 'templates/shipped/body.mjml',
    with: (source, word) => source.replace('</h1>', ` ${word}</h1>`),
  },
  {
    what: 'a partial that all MJML mails share',
    path: '/t/shipped?brand=juniper',
    file: 'templates/partials/header.mjml',
    with: (source, word) => source.replace('</a>', ` ${word}</a>`),
  },
  {
    what: 'a body.tsx',
    path: '/t/flight-booking?brand=kestrel',
    file: 'templates/flight-booking/body.tsx',
    with: (source, word) => source.replace('</Card>', `<p>{'${word}'}</p></Card>`),
  },
];

/** From the save to the mail on the page, in milliseconds each. */
async function editsOf(page: Page, root: string, one: Edited): Promise<number[]> {
  const file = join(root, one.file);
  const source = await readFile(file, 'utf8');
  const times: number[] = [];
  try {
    for (let turn = 0; turn < edits; turn++) {
      const word = `edit-${turn}-done`;
      const changed = one.with(source, word);
      if (changed === source) throw new Error(`${one.file} was not changed`);
      // As somebody edits: who has opened a page looks at it first, and what is checked after a save has its time.
      await page.waitForTimeout(1_500);
      const since = performance.now();
      await writeFile(file, changed);
      await shows(page, word);
      times.push(performance.now() - since);
    }
  } finally {
    await writeFile(file, source);
  }
  return times;
}

/** From a step of the slider to the mail that shows it. */
async function slidesOf(page: Page): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < slides; turn++) {
    const points = 50 + turn * 7;
    const since = performance.now();
    await page.locator('input[type="range"]').first().fill(String(points));
    await shows(page, `${points} stars`);
    times.push(performance.now() - since);
    await page.waitForTimeout(300);
  }
  return times;
}

/** The library with many more mails, and one brand with many more people. */
async function withMany(root: string): Promise<void> {
  const names = Array.from({ length: many.templates }, (_, index) => `more-${index}`);
  const source = await readFile(join(root, 'templates/shipped/template.ts'), 'utf8');
  for (const name of names) {
    const folder = join(root, 'templates', name);
    await cp(join(root, 'templates/shipped'), folder, { recursive: true });
    await writeFile(
      join(folder, 'template.ts'),
      source.replace("name: 'shipped'", `name: '${name}'`),
    );
    await cp(
      join(root, 'fixtures/juniper/samples/shipped.json'),
      join(root, `fixtures/juniper/samples/${name}.json`),
    );
  }
  const index = join(root, 'templates/index.ts');
  const imports = names.map(
    (name, at) => `import { shipped as more${at} } from './${name}/template.ts';`,
  );
  const list = names.map((_, at) => `more${at},`).join(' ');
  await writeFile(
    index,
    `${imports.join('\n')}\n${(await readFile(index, 'utf8')).replace(/(=\s*\[)/, `$1 ${list}`)}`,
  );
  const file = join(root, 'fixtures/juniper/personas.json');
  const personas: { id: string }[] = JSON.parse(await readFile(file, 'utf8'));
  const more = Array.from({ length: many.personas - personas.length }, (_, at) => ({
    ...personas[at % personas.length],
    id: `more-${at}`,
  }));
  await writeFile(file, JSON.stringify([...personas, ...more]));
}

/** What a marketer waits for in the preview. It needs a Chromium, `CHROMIUM_PATH` or the usual one. */
export async function measureWorkplace(progress: (line: string) => void): Promise<Findings> {
  const root = await copyOfProject();
  const folder = join(root, '.laurel');
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: flags });
  const open = async (url: string) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await page
      .locator('iframe.frame:not(.waiting), .mail-card iframe')
      .first()
      .waitFor({ timeout: 180_000 });
    return page;
  };
  let running: Started | undefined;
  try {
    progress('the first start builds the pages and reads the ledger');
    running = await start(root, folder);
    await (await open(running.url)).close();
    await stop(running);
    running = await start(root, folder);
    const { url, ms: startMs } = running;
    const times = new Map<string, readonly number[]>();
    for (const one of edited) {
      progress(`saving ${one.what}`);
      const page = await open(new URL(one.path, url).href);
      times.set(`Saved to shown: ${one.what}`, await editsOf(page, root, one));
      await page.close();
    }
    progress('sliding');
    const page = await open(
      new URL('/t/status-statement?brand=juniper&p=below-minimum&panel=data', url).href,
    );
    const slid = await slidesOf(page);
    await page.close();
    const bytes = await residentBytes(running.child.pid ?? 0);
    await stop(running);

    progress(`${many.templates} templates, ${many.personas} personas`);
    await withMany(root);
    running = await start(root, folder);
    const since = performance.now();
    const gallery = await open(new URL('/?brand=juniper', running.url).href);
    const galleryMs = performance.now() - since;
    await gallery.close();
    const mail = await open(new URL('/t/shipped?brand=juniper', running.url).href);
    const among = edited[0] ? await editsOf(mail, root, edited[0]) : [];
    await mail.close();
    const manyBytes = await residentBytes(running.child.pid ?? 0);
    return findingsOf({ startMs, times, slid, bytes, galleryMs, among, manyBytes });
  } finally {
    if (running) await stop(running);
    await browser.close();
    await rm(root, { recursive: true, force: true });
  }
}

type Measured = {
  readonly startMs: number;
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly slid: readonly number[];
  readonly bytes: number;
  readonly galleryMs: number;
  readonly among: readonly number[];
  readonly manyBytes: number;
};

const megabytes = (bytes: number) => bytes / 1024 / 1024;

function findingsOf(measured: Measured): Findings {
  const { startMs, times, slid, bytes, galleryMs, among, manyBytes } = measured;
  const rows: readonly (readonly [string, readonly number[]])[] = [
    ...times,
    ['Slider to the mail that shows it', slid],
    [`Saved to shown among ${many.templates} more templates: a body.mjml`, among],
  ];
  return {
    title: 'Workplace',
    note: `the preview by its command, in a browser; ${edits} saves each, ${slides} steps of a slider; started with pages built and personas counted`,
    table: [
      ['', 'p50', 'p95'],
      ...rows.map(([what, all]) => [what, ms(quantile(all, 0.5)), ms(quantile(all, 0.95))]),
      [`Gallery with ${many.templates} more templates to its first mail`, ms(galleryMs), ''],
    ],
    targets: [
      atMost('Started', startMs, 2_000, 'ms'),
      ...[...times].map(([what, all]) => atMost(`${what}, p95`, quantile(all, 0.95), 500, 'ms')),
      atMost('Slider to paint, p95', quantile(slid, 0.95), 250, 'ms'),
      atMost('Memory of its processes', megabytes(bytes), 300, 'MB'),
      atMost(
        `Memory with ${many.templates} more templates and ${many.personas} personas`,
        megabytes(manyBytes),
        300,
        'MB',
      ),
    ],
    figures: { ...measured, times: Object.fromEntries(times) },
  };
}
