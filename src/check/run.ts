import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { unknownAttributes } from '../brand/diets.ts';
import { isFor, type Template } from '../contract/template.ts';
import type { Policy } from '../decision/policy.ts';
import { type BrandFixtures, playedAt, readFixtures } from '../personas/fixtures.ts';
import { ownFacts } from '../personas/own-facts.ts';
import { openOwnLedger } from '../personas/own-ledger.ts';
import type { PersonaLedger } from '../personas/persona-ledger.ts';
import { expectedOf } from '../personas/persona.ts';
import { filledSample, type Sample, sampleFor } from '../personas/samples.ts';
import { openClientSupport } from '../render/check/client-support.ts';
import { openSources } from '../render/check/sources.ts';
import type { TemplateRoot } from '../render/source/template-files.ts';
import { type LoadedBrand, loadBrands } from '../render/voice/brand-files.ts';
import { collectFindings, type Finding, type Findings } from './findings.ts';
import { readInBrowser } from './in-browser.ts';
import { addProblem, collect, loadEach } from './loading.ts';
import { type Gathering, lookAround } from './look-around.ts';
import type { Job } from './make-mail.ts';
import { openReach } from './reach.ts';
import { openSampling } from './sampling.ts';

export type CheckOptions = {
  readonly root: TemplateRoot;
  /** The folder of the brands' fixtures; `fixtures` beside the templates folder when left out. */
  readonly fixtures?: string;
  /** Rules and blocks; Laurel's own when left out. */
  readonly policy?: Policy;
  readonly definitions: readonly Template[];
  /** Where Laurel keeps its files: what the brands' personas come to is counted there. */
  readonly folder: string;
  /** Told what is worth knowing of that database. */
  readonly log?: (line: string) => void;
  /** Names; empty for all. */
  readonly templates?: readonly string[];
  readonly brands?: readonly string[];
  readonly locales?: readonly string[];
  /** The Chromium that mails are read in, too, if it is there. Left out: none. */
  readonly chromiumPath?: string;
  /** Told before each template of each brand, then before each mail in the browser. */
  readonly onProgress?: (done: number, total: number, what: string) => void;
};

export type CheckReport = {
  readonly findings: readonly Finding[];
  /** Mails that were looked at, each once however many people would get the very same. */
  readonly mails: number;
  readonly people: number;
};

/** Makes every template's mails for every brand, language and person, and looks at each as a careful sender would. */
export async function checkTemplates(options: CheckOptions): Promise<CheckReport> {
  const ledger = openOwnLedger(options.folder, options.log ?? (() => undefined));
  try {
    return await checkAll(options, ledger);
  } finally {
    await ledger.close();
  }
}

async function checkAll(options: CheckOptions, ledger: PersonaLedger): Promise<CheckReport> {
  const { root, definitions, chromiumPath, onProgress } = options;
  const fixtures = options.fixtures ?? fixturesBeside(root);
  const findings = collectFindings();
  const brands = await collect(findings, root, '*', () => loadBrands(root));
  if (!brands) return { findings: findings.all(), mails: 0, people: 0 };
  const wanted = definitions.filter(({ name }) => chosen(options.templates, name));
  const loaded = await loadEach(root, wanted, brands, findings);
  const to: Gathering = {
    findings,
    source: await openSources(root),
    reach: openReach(options.policy, typeof root === 'string' ? 'all' : 'own'),
    support: await openClientSupport(),
    sampling: openSampling(),
    seen: new Set(),
    people: 0,
  };
  if (!to.support) skipped(findings, 'client-support', 'caniemail is not installed');
  const jobs = [...brands].flatMap(([id, brand]) =>
    chosen(options.brands, id)
      ? [...loaded].flatMap(([template, set]) =>
          isFor(template, brand.brand) ? [{ template, set, brand }] : [],
        )
      : [],
  );
  const settings = new Map<string, TriedWith>();
  const names = definitions.map(({ name }) => name);
  for (const [done, { template, set, brand }] of jobs.entries()) {
    const { id } = brand.brand;
    onProgress?.(done, jobs.length, `${template.name} for ${id}`);
    await setImmediate();
    const known =
      settings.get(id) ??
      (await collect(findings, root, '*', () => readSetting(fixtures, brand, names, ledger)));
    if (!known) continue;
    if (!settings.has(id)) tellDiets(brand, known, findings);
    settings.set(id, known);
    const data = sampleOf(template, brand, known.samples, findings);
    if (!data) continue;
    await lookAround(
      { template, set, brand, data, policy: options.policy, ...known },
      options.locales,
      to,
    );
  }
  const whole =
    !options.templates?.length && !options.brands?.length && loaded.size === names.length;
  to.reach.tell(findings, whole);
  if (whole)
    for (const [, set] of [...loaded].slice(0, 1))
      for (const problem of set.leftOver().filter(({ file }) => isOwn(root, file)))
        addProblem(findings, root, 'translations', problem, 'warning');
  const mails = chromiumPath === undefined ? [] : to.sampling.chosen();
  if (chromiumPath !== undefined && mails.length > 0) {
    const why = await readInBrowser(chromiumPath, mails, {
      ...to,
      onMail: (done, { template, brand }) =>
        onProgress?.(done, mails.length, `${template.name} for ${brand.id} in the browser`),
    });
    if (why !== null) skipped(findings, 'axe', why);
  }
  return { findings: findings.all(), mails: to.seen.size, people: to.people };
}

/** What the package says and a project doesn't use is nobody's mistake. */
const isOwn = (root: TemplateRoot, file: string) =>
  typeof root === 'string' ||
  file.startsWith('brands/') ||
  existsSync(join(root.templates[0] ?? '', file));

const fixturesBeside = (root: TemplateRoot) =>
  typeof root === 'string' ? join(dirname(root), 'fixtures') : join(root.project, 'fixtures');

const chosen = (wanted: readonly string[] | undefined, name: string) =>
  !wanted?.length || wanted.includes(name);

function skipped(findings: Findings, check: string, why: string) {
  findings.add(
    { severity: 'fine', message: `skipped: ${why}`, fix: 'npm ci in a checkout' },
    { check, template: '*', brand: '*', locale: '*' },
  );
}

/** The brand's sample of a message; null, and told, where there is none that fits. */
function sampleOf(
  template: Template,
  { brand }: LoadedBrand,
  samples: BrandFixtures['samples'],
  findings: Findings,
): Record<string, unknown> | null {
  const all = samples.get(template.name) ?? [];
  const sample = all[0]?.data;
  tellMisfits(template, brand.id, all.slice(1), findings);
  const parsed = template.schema.safeParse(sample ?? {});
  if (parsed.success) return parsed.data;
  const file = `fixtures/${brand.id}/samples/${template.name}.json`;
  const of = { check: 'sample', template: template.name, brand: brand.id, locale: '*', file };
  if (sample === undefined)
    findings.add(
      {
        severity: 'warning',
        message: `nothing was looked at: there is no sample data for ${brand.id}`,
        fix: `write ${file}`,
      },
      of,
    );
  else
    for (const { path, message } of parsed.error.issues)
      findings.add(
        {
          severity: 'error',
          message: `${path.join('.')}: ${message}`,
          fix: 'put the sample right',
        },
        of,
      );
  return null;
}

/** Further samples, which personas may have instead. */
function tellMisfits(
  template: Template,
  brand: string,
  samples: readonly Sample[],
  findings: Findings,
): void {
  for (const { id, data } of samples)
    for (const { path, message } of template.schema.safeParse(data).error?.issues ?? [])
      findings.add(
        {
          severity: 'error',
          message: `${path.join('.')}: ${message}`,
          fix: 'put the sample right',
        },
        {
          check: 'sample',
          template: template.name,
          brand,
          locale: '*',
          file: `fixtures/${brand}/samples/${template.name}/${id}.json`,
        },
      );
}

/** Attributes of its products that no diet is known to rule out or to allow: offers of them go to everybody. */
function tellDiets({ brand }: LoadedBrand, { catalogue }: TriedWith, findings: Findings): void {
  const unknown = unknownAttributes(catalogue.products.values(), brand);
  if (unknown.length === 0) return;
  findings.add(
    {
      severity: 'warning',
      message: `not known whether they go with a diet: ${unknown.join(', ')}`,
      fix: 'add each to "productAttributes" of brand.json with the diets it goes against, [] for none',
    },
    {
      check: 'diets',
      template: '*',
      brand: brand.id,
      locale: '*',
      file: `fixtures/${brand.id}/products.json`,
    },
  );
}

/** Any day does where the fixtures name none, as long as it is always the same. */
const anyDay = new Date('2026-11-20T09:00:00Z');

type TriedWith = Pick<Job, 'catalogue' | 'personas' | 'at'> & Pick<BrandFixtures, 'samples'>;

/** What a brand's mails are tried with, its personas as they are when their stories play. */
async function readSetting(
  root: string,
  { brand }: LoadedBrand,
  templates: readonly string[],
  ledger: PersonaLedger,
): Promise<TriedWith> {
  const fixtures = await readFixtures(root, brand.id, templates);
  const { catalogue, samples } = fixtures;
  const at = playedAt(fixtures, anyDay);
  const personas = await Promise.all(
    fixtures.personas.map(async (persona) => {
      const standing = await ledger.standingAt({ brand, fixtures, persona, at });
      const facts = ownFacts({ persona, standing, brand, catalogue });
      const told = (template: Template) => {
        const sample = sampleFor(samples.get(template.name) ?? [], persona.id);
        const expected = expectedOf(persona, template.name);
        const parsed = template.schema.safeParse(sample ? filledSample(sample, facts) : {});
        // A sample that doesn't fit is told as such.
        if (!parsed.success) return {};
        const { data } = parsed;
        return {
          message: { data, about: template.about?.(data) ?? [] },
          context: { cancelled: standing.cancelled },
          ...(expected !== undefined && { expected }),
        };
      };
      return { id: persona.id, reading: standing.reading, told };
    }),
  );
  return { catalogue, samples, personas, at };
}
