import { expect, it } from 'vitest';

import { TemplateError } from '../src/render/source/problems.ts';
import { checkAll } from './check.ts';

const all = { brands: ['juniper', 'kestrel'], templates: ['welcome', 'shipped'] };

/** Who is asked, with what each is asked, and what is then wrong. */
function asked(then: (brand: string, template: string | null) => string | undefined) {
  const questions: string[] = [];
  return {
    questions,
    checkable: () => Promise.resolve(all),
    isAsked: () => false,
    problems: (brand: string, template: string | null) => {
      questions.push(`${brand} ${template ?? 'itself'}`);
      const message = then(brand, template);
      return Promise.resolve(message === undefined ? [] : [{ file: `${brand}.json`, message }]);
    },
  };
}

const everything = [
  'juniper itself',
  'juniper welcome',
  'juniper shipped',
  'kestrel itself',
  'kestrel welcome',
  'kestrel shipped',
];

it('looks at each template of each brand, and tells all that is wrong at once', async () => {
  const renderer = asked((brand, template) =>
    template === 'shipped' ? `${brand} is wrong` : undefined,
  );
  const told = await checkAll(renderer, new AbortController().signal).catch((error) => error);
  expect(renderer.questions).toEqual(everything);
  if (!(told instanceof TemplateError)) throw new Error('nothing was told');
  expect(told.problems.map(({ message }) => message)).toEqual([
    'juniper is wrong',
    'kestrel is wrong',
  ]);
});

it('waits as long as somebody waits for something else', async () => {
  let others = 3;
  const renderer = asked(() => (others > 0 ? 'was not waited for' : undefined));
  const isAsked = () => {
    others -= 1;
    return others > 0;
  };
  await checkAll({ ...renderer, isAsked }, new AbortController().signal);
  expect(renderer.questions).toEqual(everything);
});

it('is given up where something is saved meanwhile: nothing more is asked, and nothing told', async () => {
  const saved = new AbortController();
  const renderer = asked((_brand, template) => {
    if (template === 'welcome') saved.abort();
    return 'is no longer so';
  });
  await checkAll(renderer, saved.signal);
  expect(renderer.questions).toEqual(['juniper itself', 'juniper welcome']);
});
