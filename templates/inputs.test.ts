import { describe, expect, it } from 'vitest';

import type { Template } from '../src/contract/template.ts';
import { hasSample, sampleData } from '../test/sample-mail.ts';
import { templates } from './index.ts';

/** What `{{…}}` calls, and what Handlebars itself would call for names it doesn't know. */
const names =
  't money points number percent date month link entitlement jsonLd eq gt not and or if unless each with lookup log helperMissing blockHelperMissing lrlCount lrlItem out root this'.split(
    ' ',
  );

const sampled = templates
  .filter(hasSample)
  .map((template): [string, Template] => [template.name, template]);

it('every template has sample data: fixtures/<brand>/samples/<template>.json, of one brand at least', () => {
  expect(templates.filter((one) => !hasSample(one)).map(({ name }) => name)).toEqual([]);
});

describe('data of a template', () => {
  it.each(sampled)(
    'of %s has no key named like a helper: it is refused when it is accepted, naming the key',
    (name, { schema }) => {
      const data = sampleData(name, 'kestrel');
      expect(schema.safeParse(data).success).toBe(true);
      for (const key of names.filter((one) => !(one in data))) {
        const { error } = schema.safeParse({ ...data, [key]: 'x' });
        expect(error?.issues[0]?.message).toContain(`"${key}"`);
      }
    },
  );

  it.each(sampled)(
    'of %s holds no template: a tree of one in place of a text is refused',
    (name, { schema }) => {
      const data = sampleData(name, 'kestrel');
      const tree = { type: 'Program', body: [] };
      const texts = Object.keys(data).filter((key) => typeof data[key] === 'string');
      for (const key of texts)
        expect(schema.safeParse({ ...data, [key]: tree }).error?.issues[0]?.path).toEqual([key]);
    },
  );
});
