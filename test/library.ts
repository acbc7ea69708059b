import { openTemplates } from '../src/app/templates.ts';

let opened: ReturnType<typeof openTemplates> | undefined;

/** Laurel's own brands and templates. To compile them takes seconds, and they are the same for every file of a process. */
export const openLibrary = () => (opened ??= openTemplates());
