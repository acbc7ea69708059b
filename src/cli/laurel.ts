#!/usr/bin/env node
import { readEnvFile } from '../app/env-file.ts';
import { tell } from './failure.ts';
import { openProgram } from './program.ts';
import { note, watchOutput } from './terminal.ts';

watchOutput();
try {
  readEnvFile();
  await (await openProgram(process.argv[2])).parseAsync();
} catch (error) {
  const { text, exitCode } = tell(error);
  if (text !== null) note(`laurel: ${text}`);
  const debugging = /^(debug|trace)$/.test(process.env['LOG_LEVEL'] ?? '');
  if (text !== null && debugging) console.error(error);
  process.exitCode = exitCode;
}
