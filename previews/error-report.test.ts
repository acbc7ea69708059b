import { expect, it } from 'vitest';

import { PermanentError } from '../src/core/errors.ts';
import { located } from '../src/render/source/source-location.ts';
import { errorReportOf } from './error-report.ts';

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
