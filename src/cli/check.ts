import { type Command, Option } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { loadProject } from '../project/load-project.ts';
import { UsageError } from './failure.ts';
import { openProgress } from './progress.ts';
import { readConfig } from './read-config.ts';
import { note, paintFor, print } from './terminal.ts';

type Options = {
  readonly brand?: readonly string[];
  readonly locale?: readonly string[];
  readonly format: 'text' | 'json' | 'github';
  readonly json?: true;
  readonly strict?: boolean;
  readonly browser: boolean;
  readonly verbose?: boolean;
};

export function addCheck(program: Command): void {
  program
    .command('check')
    .argument('[template...]', 'all when left out')
    .description('look at every mail a template can become, as a careful sender would')
    .option('--brand <brand...>', 'only for these brands')
    .option('--locale <locale...>', 'only in these languages')
    .addOption(
      new Option('--format <format>', 'text, json, or github (annotations of a pull request)')
        .choices(['text', 'json', 'github'])
        .default('text'),
    )
    .option('--json', 'the same as --format json')
    .option('--strict', 'fail on warnings, too')
    .option('--no-browser', 'don’t read the mails in Chromium')
    .option('--verbose', 'list what is fine, too')
    .addHelpText(
      'after',
      `
Works on files: templates, brands, and the personas and samples of fixtures/; what personas come to is counted in a database
of its own under .laurel and kept there. Exit code 1 where something has to
be fixed.

Examples:
  $ laurel check
  $ laurel check order-confirmation --brand juniper --verbose
  $ laurel check --format github --strict`,
    )
    .action(check);
}

async function check(templates: readonly string[], options: Options): Promise<void> {
  const { format, strict, verbose = false, brand = [], locale = [], browser } = options;
  // What only this command needs is loaded only here.
  const [
    { templates: definitions, root, fixtures, policy },
    { checkTemplates },
    { githubReport, textReport },
  ] = await Promise.all([loadProject(), import('../check/run.ts'), import('./check-report.ts')]);
  const names = definitions.map(({ name }) => name);
  const unknown = templates.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `there is no template ${unknown.join(', ')}; there are ${names.join(', ')}`,
    );
  const config = readConfig();
  const progress = openProgress(100);
  const report = await checkTemplates({
    root,
    fixtures,
    policy,
    definitions,
    folder: config.folder,
    log: note,
    templates,
    brands: brand,
    locales: locale,
    ...(browser && { chromiumPath: config.chromiumPath }),
    onProgress: (done, total, what) => progress.update(Math.floor((100 * done) / total), what),
  }).finally(() => progress.stop());
  if (format === 'json' || options.json) await print(JSON.stringify(report, null, 2));
  else if (format === 'github') await print(githubReport(report));
  else await print(textReport(report, paintFor(process.stdout), { verbose }));
  const failing = report.findings.filter(
    ({ severity }) => severity === 'error' || (strict && severity === 'warning'),
  );
  if (failing.length > 0) {
    if (format === 'github') note(`laurel: ${failing.length} to fix`);
    throw new PermanentError('checks-failed', `${failing.length} to fix before sending`);
  }
}
