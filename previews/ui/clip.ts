/** Gmail shows no more html than this. */
export const clippedBytes = 102 * 1024;

/** Where in an html Gmail stops, in characters; null where it shows all of it. */
export function clipOf(html: string): number | null {
  const bytes = new TextEncoder().encode(html);
  return bytes.length <= clippedBytes
    ? null
    : new TextDecoder().decode(bytes.subarray(0, clippedBytes)).length;
}

/** How far down in a loaded mail that is, in its own pixels. */
export function clipIn(document: Document, html: string): number | null {
  const at = clipOf(html);
  if (at === null) return null;
  const kept = new DOMParser().parseFromString(html.slice(0, at), 'text/html');
  const all = document.querySelectorAll('body *');
  // The last element that was begun is cut; what is after it isn't there.
  const last = all[kept.querySelectorAll('body *').length - 1];
  return last ? Math.round(last.getBoundingClientRect().top) : null;
}
