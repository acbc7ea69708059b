/**
 * What an address is made of; null where it is none. Never `URL.canParse`: once it has been asked some thousand times, Node 20 and 22
 * say no to every address with a letter such as `ö` in it.
 */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** What is percent-encoded, in the clear; what isn't right is taken as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
