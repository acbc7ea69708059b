/** Keys of a message's data below which everything says who somebody is or where they live. */
const personal = /address|recipient|passenger|travell?er|guest|customer|phone/i;
/** Too short to be anybody's, or too common to be taken out of a text. */
const shortest = 2;

/** Every text in a message's data that says who somebody is or where they live. */
export function personalIn(data: unknown, within = false): string[] {
  if (typeof data === 'string') return within ? [data] : [];
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) =>
    personalIn(value, within || personal.test(key)),
  );
}

/**
 * Takes what says who somebody is out of a text or a mail's html: of each word its first letter stays, of addresses also
 * the domain. Words of the mail that happen to be the same go, too.
 */
export function maskText(text: string, secrets: readonly (string | null | undefined)[]): string {
  const words = new Set(
    secrets
      .flatMap((secret) => (secret ?? '').split(/[\s,;<>"]+/))
      .filter((word) => word.length >= shortest),
  );
  // The longest first: an address before the name in it.
  return [...words]
    .toSorted((a, b) => b.length - a.length)
    .reduce(
      (all, word) => {
        const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        return all.replace(
          new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu'),
          masked,
        );
      },
      text.replace(/[\w.+-]+@(?=[\w-]+\.[\w.-]+)/g, (local) => `${local.charAt(0)}***@`),
    );
}

const masked = (word: string): string => `${/^./su.exec(word)?.[0] ?? ''}***`;
