import { type Config, loadConfig } from '../config.ts';
import { InvalidInput } from '../core/errors.ts';
import { ConfigurationError } from './failure.ts';

/** @throws ConfigurationError with every mistake at once. */
export function readConfig(): Config {
  try {
    return loadConfig(process.env);
  } catch (error) {
    throw error instanceof InvalidInput ? new ConfigurationError(error) : error;
  }
}
