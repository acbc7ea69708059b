/** Whether it failed because there is no such file or folder; everything else is somebody's to know. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
