/** The code of an error of the system's, of Postgres or of a library; empty where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Whether it failed because there is no such file or folder; everything else is somebody's to know. */
export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** For `readdir` and the like: a folder that isn't there has nothing in it. @throws whatever else went wrong */
export function nothingWhereMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}

/** The same where a file that isn't there says nothing. @throws whatever else went wrong */
export function undefinedWhereMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}
