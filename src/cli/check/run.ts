import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';

import { type BrandFixtures, readFixtures } from '../../../previews/personas.ts';
import { TemporaryError } from '../../core/errors.ts';
import { type CompiledTemplate, isFor, type Template, type View } from '../../core/template.ts';
import { type LoadedBrand, type LoadedBrands, loadBrands } from '../../render/brand-files.ts';
import { openClientSupport } from '../../render/checks/client-support.ts';
import type { CheckedMail, Found } from '../../render/checks/finding.ts';
import { mailChecks } from '../../render/checks/index.ts';
import { mailElements } from '../../render/checks/mail-elements.ts';
import { unsubscribeAddress } from '../../render/checks/unsubscribe.ts';
import { loadTemplates, type TemplateSet } from '../../render/load.ts';
import { type SourceProblem, TemplateError } from '../../render/problems.ts';
import { prepare, type Prepared } from '../../send/prepare.ts';
import { openReading } from './axe.ts';
import { collectFindings, type Finding, type Findings } from './findings.ts';
import { peopleFor, type Person, turned } from './people.ts';
import { openReach, type Reach } from './reach.ts';
import { type FindSource, openSources } from './where.ts';

export type CheckOptions = {
  /** The templates folder; fixtures are beside it. */
  readonly root: string;
  readonly definitions: readonly Template[];
  /** Names; empty for all. */
  readonly templates?: readonly string[];
  readonly brands?: readonly string[];
  readonly locales?: readonly string[];
  /** Reads mails in a browser, too, where there is one. */
  readonly browser?: boolean;
  /** Told after each template of each brand. */
  readonly onProgress?: (done: number, total: number, what: string) => void;
};

export type CheckReport = {
  readonly findings: readonly Finding[];
  /** Mails that were looked at, each once however many people would get the very same. */
  readonly mails: number;
  readonly people: number;
};

type Run = {
  readonly findings: Findings;
  readonly source: FindSource;
  readonly reach: Reach;
  readonly support: Awaited<ReturnType<typeof openClientSupport>>;
  readonly seen: Set<string>;
  readonly keep: (mail: CheckedMail) => void;
  people: number;
  waited: number;
};

/** A component is still setting itself up. */
const notReady = Symbol('not ready');
const mostWaits = 200;

/** How many people are made up of what decisions say would turn them, for one template and brand. */
const mostTurned = 80;

/** Makes every template's mails for every brand, language and person, and looks at each as a careful sender would. */
export async function checkTemplates(options: CheckOptions): Promise<CheckReport> {
  const { root, definitions, onProgress } = options;
  const findings = collectFindings();
  const brands = await collect(findings, '*', () => loadBrands(root));
  if (!brands) return { findings: findings.all(), mails: 0, people: 0 };
  const wanted = definitions.filter(({ name }) => chosen(options.templates, name));
  const loaded = await loadEach({ ...options, definitions: wanted }, brands, findings);
  const forBrowser = new Map<string, CheckedMail>();
  const run: Run = {
    findings,
    source: await openSources(root),
    reach: openReach(),
    support: await openClientSupport(),
    seen: new Set(),
    keep: (mail) => {
      // A browser takes a second a mail: the longest of each template and brand, in whatever language.
      const key = `${mail.template.name} ${mail.brand.id}`;
      const before = forBrowser.get(key);
      if (!before || before.html.length < mail.html.length) forBrowser.set(key, mail);
    },
    people: 0,
    waited: 0,
  };
  if (!run.support) skipped(findings, 'client-support', 'caniemail is not installed');
  const jobs = [...brands].flatMap(([id, brand]) =>
    chosen(options.brands, id)
      ? [...loaded].flatMap(([template, set]) =>
          isFor(template, brand.brand) ? [{ template, set, brand }] : [],
        )
      : [],
  );
  const fixtures = new Map<string, BrandFixtures>();
  const names = definitions.map(({ name }) => name);
  for (const [done, { template, set, brand }] of jobs.entries()) {
    onProgress?.(done, jobs.length, `${template.name} for ${brand.brand.id}`);
    await setImmediate();
    const { id } = brand.brand;
    const known =
      fixtures.get(id) ??
      (await collect(findings, '*', () => readFixtures(dirname(root), id, names)));
    if (!known) continue;
    fixtures.set(id, known);
    await checkTemplate({ template, set, brand, fixtures: known, locales: options.locales }, run);
  }
  const whole =
    !options.templates?.length && !options.brands?.length && loaded.size === names.length;
  run.reach.tell(findings, whole);
  if (whole)
    for (const [, set] of [...loaded].slice(0, 1))
      for (const problem of set.leftOver()) add(findings, 'translations', problem, 'warning');
  await readInBrowser(options, [...forBrowser.values()], run);
  return { findings: findings.all(), mails: run.seen.size, people: run.people };
}

const chosen = (wanted: readonly string[] | undefined, name: string) =>
  !wanted?.length || wanted.includes(name);

function skipped(findings: Findings, check: string, why: string) {
  findings.add(
    { severity: 'fine', message: `skipped: ${why}`, fix: 'npm ci in a checkout' },
    { check, template: '*', brand: '*', locale: '*' },
  );
}

/** All together where they load; else one by one, so that one broken template hides nothing of the others. */
async function loadEach(
  { root, definitions }: Pick<CheckOptions, 'root' | 'definitions'>,
  brands: LoadedBrands,
  findings: Findings,
): Promise<Map<Template, TemplateSet>> {
  try {
    const set = await loadTemplates({ root, definitions, brands });
    return new Map(definitions.map((definition) => [definition, set]));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  }
  const loaded = new Map<Template, TemplateSet>();
  for (const definition of definitions) {
    const set = await collect(findings, definition.name, () =>
      loadTemplates({ root, definitions: [definition], brands }),
    );
    if (set) loaded.set(definition, set);
  }
  return loaded;
}

/** What cannot be read is an error for each of its mistakes. */
async function collect<Value>(
  findings: Findings,
  template: string,
  read: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    for (const problem of error.problems) add(findings, 'loading', problem, 'error', template);
    return undefined;
  }
}

function add(
  findings: Findings,
  check: string,
  { file, line, path, message }: SourceProblem,
  severity: 'error' | 'warning',
  template = '*',
) {
  findings.add(
    { severity, message: path === undefined ? message : `${path}: ${message}`, fix: '' },
    {
      check,
      template,
      brand: '*',
      locale: '*',
      file: /^(templates|fixtures|src)\//.test(file) ? file : `templates/${file}`,
      ...(line !== undefined && { line }),
    },
  );
}

type Job = {
  readonly template: Template;
  readonly set: TemplateSet;
  readonly brand: LoadedBrand;
  readonly fixtures: BrandFixtures;
  readonly locales: readonly string[] | undefined;
};

async function checkTemplate(job: Job, run: Run): Promise<void> {
  const { template, brand, fixtures } = job;
  const of = { template: template.name, brand: brand.brand.id, locale: '*' };
  const sample = fixtures.samples.get(template.name);
  const parsed = template.schema.safeParse(sample ?? {});
  if (!parsed.success) {
    const file = `fixtures/${brand.brand.id}/samples/${template.name}.json`;
    if (sample === undefined)
      run.findings.add(
        {
          severity: 'warning',
          message: `nothing was looked at: there is no sample data for ${brand.brand.id}`,
          fix: `write ${file}`,
        },
        { check: 'sample', ...of, file },
      );
    else
      for (const { path, message } of parsed.error.issues)
        run.findings.add(
          {
            severity: 'error',
            message: `${path.join('.')}: ${message}`,
            fix: 'put the sample right',
          },
          { check: 'sample', ...of, file },
        );
    return;
  }
  const now = instantOf(fixtures);
  const people: Person[] = [
    ...peopleFor({ brand: brand.brand, ...fixtures, now }, template, parsed.data),
  ];
  const tried = new Set(people.map(({ id }) => id));
  const looks = new Set<string>();
  const first = people.length;
  for (let at = 0; at < people.length; at += 1) {
    const person = people[at];
    if (!person) continue;
    const made = makeMail(job, person, parsed.data, now, brand.brand.defaultLocale, run);
    if (made === notReady && run.waited < mostWaits) {
      // What a component waits for is the same for every mail: the worker tries again, and so do we.
      run.waited += 1;
      at -= 1;
      await setTimeout(20);
      continue;
    }
    if (!made || made === notReady) continue;
    run.people += 1;
    run.reach.note(template.name, brand.brand.id, made.decision);
    const look = made.decision.blocks
      .map(({ block, kind }) => (kind === 'show' ? block : ''))
      .join();
    if (person.known || !looks.has(look))
      for (const locale of job.locales?.length
        ? brand.brand.locales.filter((one) => job.locales?.includes(one))
        : brand.brand.locales)
        lookAt(job, person, parsed.data, now, locale, run);
    looks.add(look);
    if (people.length < first + mostTurned)
      for (const other of turned(person, made.decision, brand.brand, now))
        if (!tried.has(other.id) && other.id.length < 400) {
          tried.add(other.id);
          people.push(other);
        }
  }
}

/** The instant the fixtures are of, so that their offers run and their bonuses are open. */
function instantOf({ personas }: BrandFixtures): Date {
  const times = personas.flatMap(({ reading }) =>
    reading.kind === 'member' ? [Date.parse(reading.profile.asOf)] : [],
  );
  return times.length > 0 ? new Date(Math.max(...times)) : new Date('2026-11-20T09:00:00Z');
}

type Made = Prepared & { readonly compiled?: CompiledTemplate; readonly view?: View };

/** One mail as the worker would make it; a mail that can't be made is a finding. */
function makeMail(
  { template, set, brand: { brand }, fixtures }: Job,
  person: Person,
  data: Record<string, unknown>,
  at: Date,
  locale: string,
  run: Run,
): Made | typeof notReady | undefined {
  const now = person.context?.now ?? at;
  let seen: Pick<Made, 'compiled' | 'view'> = {};
  try {
    const prepared = prepare(
      {
        id: '018f5b7e-0000-7000-8000-000000000001',
        tenant: 'check',
        template: template.name,
        brand: brand.id,
        to: { email: 'ana@example.com' },
        locale,
        data,
        about: template.about?.(data) ?? [],
        acceptedAt: now,
        ...person.message,
      },
      person.reading,
      {
        brand,
        catalogue: fixtures.catalogue,
        templateFor: (wanted) => {
          const compiled = set.compiled(template.name, brand.id, wanted);
          return {
            ...compiled,
            render: (view) => {
              seen = { compiled, view };
              return compiled.render(view);
            },
          };
        },
        address: 'ana@example.com',
        suppression: null,
        cancelled: new Map(),
        unsubscribeUrl: () => unsubscribeAddress,
        ...person.context,
        now,
      },
    );
    return { ...prepared, ...seen };
  } catch (error) {
    if (error instanceof TemporaryError && run.waited < mostWaits) return notReady;
    const message = error instanceof Error ? error.message : String(error);
    run.findings.add(
      {
        severity: 'error',
        message: `cannot be made: ${message}`,
        fix: 'such a mail is quarantined; put right what it names',
      },
      {
        check: 'render',
        template: template.name,
        brand: brand.id,
        locale,
        persona: person.id,
        ...run.source({ template: template.name, check: 'render', locale }),
      },
    );
    return undefined;
  }
}

function lookAt(
  job: Job,
  person: Person,
  data: Record<string, unknown>,
  now: Date,
  locale: string,
  run: Run,
): void {
  const made = makeMail(job, person, data, now, locale, run);
  if (!made || made === notReady || !made.email) return;
  const { subject, preheader, html, text } = made.email;
  const hash = createHash('sha256')
    .update([subject, preheader, html, text].join('\n'))
    .digest('base64');
  if (run.seen.has(hash)) return;
  run.seen.add(hash);
  const checked: CheckedMail = {
    template: job.template,
    brand: job.brand.brand,
    locale: made.decision.basis.locale,
    subject,
    preheader,
    html,
    text,
    elements: mailElements(html),
    blockSizes: () => blockSizes(made, html),
  };
  run.keep(checked);
  const of = { template: job.template.name, brand: job.brand.brand.id, locale, persona: person.id };
  const checks = [
    ...mailChecks.map(({ name, look }) => ({ name, found: look(checked) })),
    { name: 'client-support', found: run.support?.(checked) ?? [] },
  ];
  for (const { name, found } of checks)
    for (const one of found)
      run.findings.add(milder(one, name, job.template), {
        check: name,
        ...of,
        ...run.source({
          template: of.template,
          check: name,
          locale,
          ...(one.near !== undefined && { near: one.near }),
        }),
      });
}

/** How a mail made elsewhere looks is its makers' choice: it is said, and holds nothing up. */
const milder = (found: Found, check: string, { lenient }: Pick<Template, 'lenient'>): Found =>
  lenient && found.severity === 'error' && ['axe', 'accessibility', 'images'].includes(check)
    ? { ...found, severity: 'warning' }
    : found;

/** What each shown block adds: the mail with it against the mail without. */
function blockSizes({ compiled, view }: Made, html: string) {
  if (!compiled || !view) return [];
  const whole = Buffer.byteLength(html);
  return Object.keys(view.blocks)
    .map((block) => {
      const { [block]: _, ...others } = view.blocks;
      const without = Buffer.byteLength(compiled.render({ ...view, blocks: others }).html);
      return { block, bytes: whole - without };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}

async function readInBrowser(
  { browser, onProgress }: CheckOptions,
  mails: readonly CheckedMail[],
  { findings, source }: Run,
): Promise<void> {
  if (browser === false || mails.length === 0) return;
  const reading = await openReading();
  if ('skipped' in reading) return skipped(findings, 'axe', reading.skipped);
  try {
    for (const [done, { template, brand, locale, html }] of mails.entries()) {
      onProgress?.(done, mails.length, `${template.name} for ${brand.id} in the browser`);
      for (const found of await reading.look(html))
        findings.add(milder(found, 'axe', template), {
          check: 'axe',
          template: template.name,
          brand: brand.id,
          locale,
          ...source({ template: template.name, check: 'axe', locale }),
        });
    }
  } finally {
    await reading.close();
  }
}
