import { join } from 'node:path';

/** Where tests keep Laurel's files, and the server that a whole run shares: what opens it again finds it running. */
export const testFolder = join(import.meta.dirname, '..', '.laurel', 'test');
