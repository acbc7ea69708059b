import type { Complaint } from '../source/problems.ts';

/** What is wrong with a style sheet. `alone`: nothing in its file depends on a condition. */
export function cssProblems(
  css: string,
  { inlined, alone }: { readonly inlined: boolean; readonly alone: boolean },
): Complaint[] {
  const problems: Complaint[] = [];
  if (/@import|@font-face|url\s*\(\s*['"]?(?!data:image\/)/i.test(css))
    problems.push({ message: 'CSS must not load anything from elsewhere', harmless: true });
  if (/expression\s*\(|javascript:/i.test(css))
    problems.push({ message: 'CSS must not run anything' });
  if (inlined && !alone) problems.push(...neighbours(css));
  return problems;
}

/** A style sheet as it can stand in a mail: nothing is loaded but pictures, and it is pure ASCII. */
export const mailCss = (css: string): string =>
  css
    .replace(/@import\b[^;]*;?/gi, '')
    .replace(/@font-face\s*\{[^}]*\}/gi, '')
    .replace(/\P{ASCII}/gu, (character) => `\\${(character.codePointAt(0) ?? 0).toString(16)} `);

/** Elements may be left out of a mail, so an inlined rule may ask for what it stands in, not for what stands beside it. */
function neighbours(css: string): Complaint[] {
  const selectors = css.replace(/\/\*[\s\S]*?\*\//g, '').match(/[^{}]+(?=\{)/g) ?? [];
  return selectors
    .filter((selector) => /[+~:]/.test(selector.replace(/\[[^\]]*\]/g, '')))
    .map((selector) => ({
      message: `${selector.trim()}: an inlined rule may not ask for what stands beside an element; give the element a class`,
    }));
}
