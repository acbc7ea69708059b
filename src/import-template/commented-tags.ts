import { blankLines, open, type Place } from './notes.ts';

/** What begins like a comment: one that is none (`<!-->`), a condition for Outlook or its end, or a comment up to its end. */
const comments =
  /<!--(?:-?>|\[if\b[^\]]*\]>(?:<!--+>|\s*<!---*>)?|\s*<!\[endif\]\s*-->|([\s\S]*?)(?:--!?>|$))/gi;
const tags = /\{\{\{?[\s\S]*?\}?\}\}/g;

const kindOf = (tag: string) => {
  const inner = tag.replace(/^\{\{\{?~?\s*/, '').replace(/\s*~?\}?\}\}$/, '');
  if (/^else\b|^\^$/.test(inner)) return 'else';
  if (inner.startsWith('/')) return 'close';
  return /^[#^](?!>)/.test(inner) ? 'open' : 'value';
};

/**
 * Comments and the tags in them. An engine doesn't know comments: a condition that begins in one and ends elsewhere holds for
 * what stands between, so its tags are taken out. What begins and ends in one comment is seen by nobody, and told.
 */
export function uncommented(source: string, place: Place): string {
  return source.replace(comments, (whole: string, inner: string | undefined, at: number) => {
    if (inner === undefined || !inner.includes('{{')) return whole;
    const found = [...inner.matchAll(tags)].map(({ 0: tag, index }) => ({ tag, index }));
    const apart = apartFrom(found.map(({ tag }) => kindOf(tag)));
    let text = '';
    let end = 0;
    for (const [number, { tag, index }] of found.entries()) {
      text += blankLines(inner.slice(end, index));
      end = index + tag.length;
      const where = at + '<!--'.length + index;
      if (apart.has(number)) {
        place.notes.changed.add(
          `${place.file}:${place.lineOf(where)}: ${tag} stood in a comment and counts all the same: it is taken out of it`,
        );
        text += tag;
        continue;
      }
      text += blankLines(tag);
      open(place, where, `${tag} is left out with the comment it stands in, which nobody sees`);
    }
    text += blankLines(inner.slice(end));
    return apart.size > 0 ? text : `<!--${text}-->`;
  });
}

/** Places of tags whose blocks begin or end elsewhere. */
function apartFrom(kinds: readonly ReturnType<typeof kindOf>[]): ReadonlySet<number> {
  const apart = new Set<number>();
  const within: number[][] = [];
  for (const [at, kind] of kinds.entries()) {
    const block = within.at(-1);
    if (kind === 'open') within.push([at]);
    else if (kind === 'close' && block) within.pop();
    else if (kind === 'else' && block) block.push(at);
    else if (kind !== 'value') apart.add(at);
  }
  for (const at of within.flat()) apart.add(at);
  return apart;
}
