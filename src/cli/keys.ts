import { type Command, InvalidArgumentError } from 'commander';

import { PermanentError } from '../core/errors.ts';
import {
  type ApiScope,
  apiScopes,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from '../http/api-keys.ts';
import { withDatabase } from './session.ts';
import { clock, note, oneLine, print } from './terminal.ts';

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('API keys: create, list, revoke')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel keys create --name shop --scopes send,read
  $ laurel keys list
  $ laurel keys revoke 3k9d0x2m1q`,
    );

  keys
    .command('create')
    .description('make a key; it is printed this once')
    .requiredOption('--name <name>', 'who uses it', nameOf)
    .option('--scopes <scopes>', `what it may do, of ${apiScopes.join(', ')}`, scopesOf, ['send'])
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel keys create --name shop --scopes send,read')
    .action(({ name, scopes, json }: { name: string; scopes: ApiScope[]; json?: boolean }) =>
      withDatabase(async ({ pool, tenant }) => {
        const created = await createApiKey(pool, { tenant, name, scopes });
        await print(json ? JSON.stringify(created) : created.key);
        note(
          `It may ${scopes.join(', ')} for tenant "${tenant}". Keep it: only its hash is stored.`,
        );
      }),
    );

  keys
    .command('list')
    .description('the keys of this tenant, without their secrets')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel keys list')
    .action(({ json }: { readonly json?: boolean }) =>
      withDatabase(async ({ pool, tenant }) => {
        const found = await listApiKeys(pool, tenant);
        if (json) return print(JSON.stringify(found, null, 2));
        if (found.length === 0) return print('There is no API key yet.');
        for (const { prefix, name, scopes, createdAt, revokedAt } of found) {
          const end = revokedAt === null ? '' : `  revoked ${clock(revokedAt)}`;
          await print(
            `${prefix}  ${clock(createdAt)}  ${scopes.join(',').padEnd(20)}  ${oneLine(name)}${end}`,
          );
        }
      }),
    );

  keys
    .command('revoke')
    .description('end a key at once')
    .argument('<prefix>', 'the part between the underscores: lrl_<prefix>_…')
    .addHelpText('after', '\nExample:\n  $ laurel keys revoke 3k9d0x2m1q')
    .action((given: string) =>
      withDatabase(async ({ pool, tenant }) => {
        // Whoever pastes the whole key means it, too.
        const prefix = /^lrl_([a-z0-9]+)/.exec(given)?.[1] ?? given;
        if (await revokeApiKey(pool, tenant, prefix)) return print(`${prefix} is revoked`);
        throw new PermanentError(
          'unknown-key',
          `there is no such key in use; \`laurel keys list\` shows them`,
        );
      }),
    );
}

function nameOf(text: string): string {
  const name = text.trim();
  if (name !== '' && name.length <= 120 && !/\p{Cc}/u.test(name)) return name;
  throw new InvalidArgumentError('It must be 1 to 120 characters on one line.');
}

function scopesOf(text: string): ApiScope[] {
  const wanted = text.split(',').map((scope) => scope.trim());
  const known = apiScopes.filter((scope) => wanted.includes(scope));
  const strange = wanted.filter((scope) => !known.some((one) => one === scope));
  if (strange.length === 0) return known;
  throw new InvalidArgumentError(`There is no scope "${strange.join('", "')}".`);
}
