/** What is wrong with a style sheet. `alone`: nothing in its file depends on a condition. */
export function cssProblems(
  css: string,
  { inlined, alone }: { readonly inlined: boolean; readonly alone: boolean },
): string[] {
  const problems: string[] = [];
  if (/@import|expression\s*\(|url\s*\(\s*['"]?(?!data:image\/)/i.test(css))
    problems.push('CSS must not load anything from elsewhere');
  if (/\P{ASCII}/u.test(css)) problems.push('CSS must be ASCII; write \\2014 and the like');
  if (inlined && !alone) problems.push(...neighbours(css));
  return problems;
}

/** Elements may be left out of a mail, so an inlined rule may ask for what it stands in, not for what stands beside it. */
function neighbours(css: string): string[] {
  const selectors = css.replace(/\/\*[\s\S]*?\*\//g, '').match(/[^{}]+(?=\{)/g) ?? [];
  return selectors
    .filter((selector) => /[+~:]/.test(selector.replace(/\[[^\]]*\]/g, '')))
    .map(
      (selector) =>
        `${selector.trim()}: an inlined rule may not ask for what stands beside an element; give the element a class`,
    );
}
