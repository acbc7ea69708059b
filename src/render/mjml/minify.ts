const keep = /(<!--[\s\S]*?-->|<(pre|textarea)\b[\s\S]*?<\/\2>|<style\b[\s\S]*?<\/style>)/i;

/**
 * Runs of what html takes for white space become one character: a line break where there was one, a blank otherwise. Never removes the
 * last of a run, so that nothing that was apart is joined. Conditional comments stay as they are but for indentation.
 */
export function minifyHtml(html: string): string {
  return html
    .split(keep)
    .map((part, index) => {
      // Every third part is the inner group's name; the one before it is what to keep.
      if (index % 3 === 2) return '';
      if (index % 3 === 1)
        return /^<(pre|textarea)/i.test(part)
          ? part
          : part.replace(/[ \t\r\f]*\n[ \t\r\n\f]*/g, '\n');
      return part
        .replace(/<[a-zA-Z](?:[^"'>]|"[^"]*"|'[^']*')*>/g, tidyTag)
        .replace(/[ \t\r\n\f]+/g, (space) => (space.includes('\n') ? '\n' : ' '));
    })
    .join('')
    .replace(/^[ \t\r\n\f]+|[ \t\r\n\f]+$/g, '');
}

/** Blanks between attributes; values stay. */
function tidyTag(tag: string): string {
  return tag
    .replace(/"[^"]*"|'[^']*'|[ \t\r\n\f]+/g, (found) => (/^["']/.test(found) ? found : ' '))
    .replace(/ (\/?>)$/, '$1');
}
