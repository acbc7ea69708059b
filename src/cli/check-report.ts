import { type Finding, foldedAcross } from '../check/findings.ts';
import type { CheckReport } from '../check/run.ts';
import type { Severity } from '../render/check/finding.ts';
import { count, oneLine, type Paint } from './terminal.ts';

const headings: Record<Severity, string> = {
  error: 'Fix before sending',
  warning: 'Look at',
  fine: 'Fine',
};
const signs: Record<Severity, readonly [string, 'red' | 'yellow' | 'green']> = {
  error: ['✗', 'red'],
  warning: ['!', 'yellow'],
  fine: ['✓', 'green'],
};

/** For people: what to fix, what to look at, and how much was looked at. What is fine is counted unless asked for. */
export function textReport(
  { findings, mails, people }: CheckReport,
  paint: Paint,
  { verbose }: { readonly verbose: boolean },
): string {
  const lines: string[] = [];
  for (const severity of ['error', 'warning', 'fine'] as const) {
    const here = foldedAcross(findings.filter((one) => one.severity === severity));
    if (here.length === 0 || (severity === 'fine' && !verbose)) continue;
    lines.push(paint('bold', `${headings[severity]} (${here.length})`));
    const [sign, colour] = signs[severity];
    for (const one of here) {
      lines.push(`${paint(colour, sign)} ${nameOf(one)}  ${oneLine(one.message)}`);
      const where = [placeOf(one), one.mails > 1 ? count(one.mails, 'mail') : ''].filter(Boolean);
      if (where.length > 0) lines.push(paint('dim', `    ${where.join(', ')}`));
      if (one.fix !== '') lines.push(`    → ${one.fix}`);
    }
    lines.push('');
  }
  const number = (severity: Severity) => findings.filter((one) => one.severity === severity).length;
  lines.push(
    `${count(mails, 'mail')} for ${count(people, 'person', 'people')}: ${count(number('error'), 'error')}, ${count(number('warning'), 'warning')}, ${number('fine')} fine`,
  );
  return lines.join('\n');
}

const nameOf = ({ template, brand, locale, check }: Finding) =>
  `${[template, brand, locale].filter((one) => one !== '*').join(' · ') || 'all'}  ${check}:`;

const placeOf = ({ file, line }: Finding) =>
  file === undefined ? '' : line === undefined ? file : `${file}:${line}`;

/** For GitHub's annotations of a pull request: one workflow command a line. */
export const githubReport = ({ findings }: CheckReport): string =>
  foldedAcross(findings.filter(({ severity }) => severity !== 'fine'))
    .map((one) => {
      const at = [
        one.file === undefined ? '' : `file=${property(one.file)}`,
        one.line === undefined ? '' : `line=${one.line}`,
        `title=${property(`${one.check}: ${nameOf(one).replace(/ {2}.*$/, '')}`)}`,
      ].filter(Boolean);
      const text = one.fix === '' ? one.message : `${one.message}. ${one.fix}`;
      return `::${one.severity} ${at.join(',')}::${data(text)}`;
    })
    .join('\n');

const data = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
