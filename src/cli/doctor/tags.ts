/** One `name=value` of a DNS record such as DMARC's or a DKIM key's, in the order it was written. */
export type Tag = { readonly name: string; readonly value: string };

/**
 * The tags of a record that begins with `v=<version>`; null where it is no such record. A part that is no tag has an empty
 * name. Source: RFC 6376 section 3.2, RFC 9989 section 4.7.
 */
export function readTags(text: string, version: string): readonly Tag[] | null {
  const tags = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const parts = /^([a-z][a-z0-9_]*)\s*=\s*([\s\S]*)$/i.exec(part);
      return { name: parts?.[1]?.toLowerCase() ?? '', value: parts?.[2]?.trim() ?? part };
    });
  const first = tags[0];
  return first?.name === 'v' && first.value === version ? tags : null;
}

export const valueOf = (tags: readonly Tag[], name: string): string | undefined =>
  tags.find((tag) => tag.name === name)?.value;
