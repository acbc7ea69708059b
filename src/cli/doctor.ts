import type { Command } from 'commander';

import type { Config } from '../config.ts';
import { InvalidInput } from '../core/errors.ts';
import { loadProject } from '../project/load-project.ts';
import { TemplateError } from '../render/source/problems.ts';
import { checkSenders } from './doctor/dns.ts';
import { about, type Finding } from './doctor/finding.ts';
import { systemLookUp } from './doctor/look-up.ts';
import { checkPostgres } from './doctor/postgres.ts';
import { checkSources } from './doctor/sources.ts';
import { checkNode, checkSecret, checkWeb } from './doctor/surroundings.ts';
import { checkTransport } from './doctor/transport.ts';
import { ConfigurationError, reasonOf } from './failure.ts';
import { readConfig } from './read-config.ts';
import { count, type Paint, paintFor, print } from './terminal.ts';

type Options = {
  readonly dns?: boolean;
  readonly dkimSelector: readonly string[];
  readonly json?: boolean;
};

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check that everything is in place, and say what to do where it is not')
    .option(
      '--dkim-selector <name>',
      'a DKIM selector of the sender domains to look for; may be repeated',
      (name: string, before: readonly string[]) => [...before, name],
      [],
    )
    .option('--dns', 'look up the sender domains, too: SPF, DKIM, DMARC')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Looks at configuration, Postgres, queue, mail server, profile sources, templates and the API's address; with --dns also at the
sender domains, by what Gmail, Yahoo and Microsoft ask of senders. Asks DNS nothing otherwise. Sends nothing.
✓ is well, ! works but should be known, ✗ does not work: exit code 1.

Examples:
  $ laurel doctor
  $ laurel doctor --dns --dkim-selector s1 --json | jq '.findings[] | select(.level != "ok")'`,
    )
    .action(doctor);
}

async function doctor(options: Options): Promise<void> {
  const findings = await examine(options);
  const failed = findings.some(({ level }) => level === 'fail');
  if (options.json) await print(JSON.stringify({ ok: !failed, findings }, null, 2));
  else await printFindings(findings, paintFor(process.stdout));
  if (failed) process.exitCode = 1;
}

async function examine(options: Options): Promise<Finding[]> {
  const { config, findings } = configuration();
  const { project, brands, findings: ofTemplates } = await templates();
  if (!config) return [...findings, ...checkNode(), ...ofTemplates];
  const senders = brands.map(({ from }) => from.address.split('@').at(-1) ?? '');
  const [secret, postgres, queue, transport, sources, dns] = await Promise.all([
    checkSecret(config),
    checkPostgres(config),
    import('./doctor/queue.ts').then(({ checkQueue }) => checkQueue(config)),
    checkTransport(config),
    project
      ? checkSources(
          config,
          brands.map(({ id }) => id),
          project.brands,
          project.sources,
        )
      : [],
    options.dns === true || options.dkimSelector.length > 0
      ? checkSenders(
          senders,
          [...options.dkimSelector, ...selectorsOf(config)],
          systemLookUp(),
          config.smtpUrl !== undefined,
        )
      : Promise.resolve([]),
  ]);
  return [
    ...findings,
    ...checkNode(),
    ...secret,
    ...checkWeb(config),
    ...postgres,
    ...queue,
    ...transport,
    ...sources,
    ...ofTemplates,
    ...dns,
  ];
}

const selectorsOf = ({ dkimKeys }: Config): string[] =>
  dkimKeys.map((entry) => entry.split(':', 1)[0] ?? '');

function configuration(): { readonly config: Config | null; readonly findings: Finding[] } {
  const { ok, warn, fail } = about('Configuration');
  try {
    const config = readConfig();
    // What the service warns of at its start; the API's part is looked at more closely below.
    const warnings = config.warnings
      .filter((text) => !/^(API_AUTH|PUBLIC_URL) /.test(text))
      .map((text) => warn(text));
    return {
      config,
      findings: warnings.length > 0 ? warnings : [ok('every variable can be used')],
    };
  } catch (error) {
    const problems =
      error instanceof ConfigurationError && error.cause instanceof InvalidInput
        ? error.cause.problems.map(({ path, message }) => `${path} ${message}`)
        : [reasonOf(error)];
    const fix = 'correct it in the environment or in .env; .env.example describes every variable';
    return { config: null, findings: problems.map((text) => fail(text, fix)) };
  }
}

async function templates() {
  const { ok, warn, fail } = about('Templates');
  try {
    // Loaded only here: compiling templates needs the whole renderer.
    const { openTemplates } = await import('../app/templates.ts');
    const project = await loadProject();
    const { brands, templates: set } = await openTemplates(undefined, project);
    const text = `${count(set.names.length, 'template')} for ${count(brands.size, 'brand')} compile`;
    const notes = set.notes.map(({ file, line, message }) =>
      warn(`${file}:${line ?? 1}: ${message}`),
    );
    return {
      project,
      brands: [...brands.values()].map(({ brand }) => brand),
      findings: [ok(text), ...notes],
    };
  } catch (error) {
    const problems = error instanceof TemplateError ? error.message.split('\n') : [reasonOf(error)];
    const fix = 'correct the file; `laurel preview` shows it while you do';
    return { project: undefined, brands: [], findings: problems.map((text) => fail(text, fix)) };
  }
}

const marks = { ok: ['green', '✓'], warn: ['yellow', '!'], fail: ['red', '✗'] } as const;

async function printFindings(findings: readonly Finding[], paint: Paint): Promise<void> {
  for (const { level, area, text, fix } of findings) {
    const [colour, mark] = marks[level];
    await print(`${paint(colour, mark)} ${paint('bold', area.padEnd(13))} ${text}`);
    if (fix !== undefined) await print(`  ${' '.repeat(13)} ${paint('dim', `→ ${fix}`)}`);
  }
  const number = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  await print(
    `\n${number('ok')} in order, ${count(number('warn'), 'warning')}, ${count(number('fail'), 'failure')}`,
  );
}
