import { InvalidInput } from '../../core/errors.ts';

/** @throws InvalidInput for a connection whose kind of sender proves itself by a secret, and that has none */
export function requireSecrets(secrets: readonly string[]): void {
  if (secrets.length === 0)
    throw new InvalidInput([{ path: 'secrets', message: 'needs at least one secret' }]);
}
