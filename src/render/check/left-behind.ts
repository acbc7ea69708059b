import { error, type Found, type MailCheck } from './finding.ts';

/** Words of programs, not of people. */
const signs: readonly (readonly [RegExp, string])[] = [
  [/\bundefined\b/, 'undefined'],
  [/\bNaN\b/, 'NaN'],
  [/\[object \w+\]/, '[object …]'],
  [/\{\{[^}]*\}\}/, 'an unfilled {{…}}'],
  [/\[\[[^\]]*\]\]/, 'an unfilled [[…]]'],
  [/\blorem ipsum\b/i, 'lorem ipsum'],
  [/\bTODO\b/, 'TODO'],
];

/** Nothing unfinished is left in what people read. */
export const leftBehind: MailCheck = {
  name: 'left-behind',
  look: ({ elements, subject, preheader, text }) => {
    const body = elements.find(({ tag }) => tag === 'body')?.text ?? '';
    const found: Found[] = [];
    for (const [sign, what] of signs) {
      const where = [subject, preheader, body, text].find((part) => sign.test(part));
      if (where === undefined) continue;
      const at = where.search(sign);
      const around = where.slice(Math.max(0, at - 20), at + 40).trim();
      found.push(error(`says ${what}: “…${around}…”`, 'put right how it is filled in', what));
    }
    return found;
  },
};
