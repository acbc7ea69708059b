import { readEnvFile } from './app/env-file.ts';
import { serve } from './app/serve.ts';
import { loadConfig } from './config.ts';
import { PermanentError } from './core/errors.ts';

/** The service alone, for process managers; `laurel serve` is the same. */
async function main(): Promise<void> {
  readEnvFile();
  await serve(loadConfig(process.env));
}

main().catch((error: unknown) => {
  console.error(error instanceof PermanentError ? `laurel: ${error.message}` : error);
  process.exitCode = 1;
});
