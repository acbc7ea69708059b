import { codeOf } from './code-of.ts';

/** What `load` gives; null where the package it needs isn't installed. A package that is there and broken stays an error. */
export async function ifInstalled<T>(load: () => T | Promise<T>): Promise<T | null> {
  try {
    return await load();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}
