import { expect, it } from 'vitest';

import { PermanentError } from '../src/core/errors.ts';
import { TemplateError } from '../src/render/source/problems.ts';
import { located } from '../src/render/source/source-location.ts';
import { errorReportOf, reportSince } from './error-report.ts';

it('shows the lines around the place at which a mail failed', () => {
  const place = { file: 'order-confirmation/body.mjml', line: 3, column: 5 };
  const cause = located(new Error('money: needs an amount'), place, '{{money total}}');
  const message = `template "order-confirmation": ${cause instanceof Error ? cause.message : ''}`;
  const { problems } = errorReportOf(
    new PermanentError('bad-value', message, { cause }),
    process.cwd(),
  );
  expect(problems).toMatchObject([
    { file: 'templates/order-confirmation/body.mjml', line: 3, message },
  ]);
  expect(problems[0]?.frame?.filter(({ here }) => here)).toMatchObject([{ line: 3 }]);
});

it('P6: says once what isn’t closed, not all that stands wrong because of it, and names the file that was saved', () => {
  const file = 'welcome/body.mjml';
  const problems = [
    { file: 'blocks/status.mjml', line: 1, message: 'MJML does not read <mj-section> within <h1>' },
    { file, line: 2, message: '<mj-body> is not closed in this file' },
    { file, line: 9, message: '{{#if data.bonusId}} is not closed in this file' },
    {
      file,
      line: 12,
      message: '</h1> stands within {{#if data.bonusId}} but <h1> was opened before it',
    },
    { file, line: 13, message: 'is not valid Handlebars: Expecting EOF' },
    { file: 'welcome/locales/de.json', line: 2, path: 'subject', message: 'is not an ICU message' },
    { file: 'welcome/locales/de.json', line: 2, path: 'subject', message: 'says no {…}' },
  ];
  const saved = 'templates/welcome/locales/de.json';
  const report = reportSince(errorReportOf(new TemplateError(problems), process.cwd()), [saved]);
  expect(report.title).toBe(`2 things are wrong since ${saved} was saved`);
  expect(report.problems.map(({ file: of, line, message }) => `${of}:${line} ${message}`)).toEqual([
    `${saved}:2 subject: is not an ICU message`,
    'templates/welcome/body.mjml:9 {{#if data.bonusId}} is not closed in this file',
  ]);
});
