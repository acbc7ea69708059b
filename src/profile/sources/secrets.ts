import { InvalidInput } from '../../core/errors.ts';

/**
 * Texts with `${SOURCE_NAME}` replaced by environment variables. Only names that start with SOURCE_ are given out, so
 * that no brand's file can send Laurel's own secrets away.
 * @throws InvalidInput for one that isn't set
 */
export function withSecrets(
  texts: Readonly<Record<string, string>>,
  secret: (name: string) => string | undefined,
  at: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, withSecret(text, secret, `${at}.${name}`)]),
  );
}

export function withSecret(
  text: string,
  secret: (name: string) => string | undefined,
  path: string,
): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = name.startsWith('SOURCE_') ? secret(name) : undefined;
    if (value !== undefined) return value;
    const message = name.startsWith('SOURCE_')
      ? `needs the environment variable ${name}, which is not set`
      : `names ${name}: only environment variables whose names start with SOURCE_ can be used`;
    throw new InvalidInput([{ path, message }]);
  });
}
