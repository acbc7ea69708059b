const keep = /(<!--[\s\S]*?-->|<(pre|textarea)\b[\s\S]*?<\/\2>|<style\b[\s\S]*?<\/style>)/i;

/**
 * Runs of white space become one character: a line break where there was one, a blank otherwise. Never removes the
 * last of a run, so that nothing that was apart is joined. Conditional comments stay as they are but for indentation.
 */
export function minifyHtml(html: string): string {
  return html
    .split(keep)
    .map((part, index) => {
      // Every third part is the inner group's name; the one before it is what to keep.
      if (index % 3 === 2) return '';
      if (index % 3 === 1)
        return /^<(pre|textarea)/i.test(part) ? part : part.replace(/\s*\n\s*/g, '\n');
      return part
        .replace(/<[a-zA-Z](?:[^"'>]|"[^"]*"|'[^']*')*>/g, tidyTag)
        .replace(/\s+/g, (space) => (space.includes('\n') ? '\n' : ' '));
    })
    .join('')
    .trim();
}

/** Blanks between attributes; values stay. */
function tidyTag(tag: string): string {
  return tag
    .replace(/"[^"]*"|'[^']*'|\s+/g, (found) => (/^["']/.test(found) ? found : ' '))
    .replace(/ (\/?>)$/, '$1');
}
