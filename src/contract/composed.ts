declare const composed: unique symbol;
/**
 * A mail's bytes as our own composer makes them: lines of ASCII that end in CRLF, the last one too, and none of which begins with
 * a dot. Known by who made it, so that nobody has to search it for what can't be in it.
 */
export type ComposedMime = Buffer & { readonly [composed]: true };

const made = new WeakSet<Buffer>();

export const isComposed = (mime: Buffer): mime is ComposedMime => made.has(mime);

/** Only for the composer to say, of bytes that nobody else can write to. */
export function asComposed(mime: Buffer): ComposedMime {
  made.add(mime);
  if (isComposed(mime)) return mime;
  throw new Error('what was said of a mail was not kept');
}
