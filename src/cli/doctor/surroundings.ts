import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../../config.ts';
import { about, type Finding } from './finding.ts';

const needed = [20, 19] as const;

/** The Node this runs on. */
export function checkNode(version = process.versions.node): Finding[] {
  const { ok, fail } = about('Node');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > needed[0] || (major === needed[0] && minor >= needed[1]);
  return enough
    ? [ok(`version ${version}`)]
    : [fail(`version ${version} is too old`, `install Node ${needed.join('.')} or later`)];
}

/** Where the key of unsubscribe links comes from, and who can read it. */
export async function checkSecret({ folder, secret }: Config): Promise<Finding[]> {
  const { ok, warn } = about('Secret');
  const file = join(folder, 'secret');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept?.trim() !== secret) return [ok('given by LAUREL_SECRET')];
  const { mode } = await stat(file);
  const others = process.platform !== 'win32' && (mode & 0o077) !== 0;
  return others
    ? [warn(`${file} can be read by others`, `chmod 600 ${file}`)]
    : [ok(`kept in ${file}; back it up, links in mail already sent are signed with it`)];
}

/** Whether recipients can reach what the mails link to, and strangers nothing else. */
export function checkWeb(config: Config): Finding[] {
  const { ok, warn, fail } = about('API');
  const url = new URL(config.publicUrl);
  const atHome = isLoopback(url.hostname);
  const findings: Finding[] = [];
  if (atHome && (config.production || !isLoopback(config.host))) {
    findings.push(
      warn(
        `recipients cannot reach ${config.publicUrl}: unsubscribe links will not work`,
        'set PUBLIC_URL to the https address under which the API is reached from outside',
      ),
    );
  } else if (!atHome && url.protocol !== 'https:') {
    findings.push(
      fail(
        `PUBLIC_URL is ${url.protocol}//${url.host}: one-click unsubscription needs https (RFC 8058)`,
        'put a proxy with TLS in front and set PUBLIC_URL to its https address',
      ),
    );
  } else findings.push(ok(`links in mails lead to ${config.publicUrl}`));
  if (config.apiAuth) findings.push(ok('calls need an API key'));
  else if (isLoopback(config.host) && atHome)
    findings.push(ok(`calls need no API key, and only this machine reaches ${config.host}`));
  else {
    findings.push(
      warn(
        'calls need no API key although the API is reached from outside: anyone could send mail',
        'set API_AUTH=required and make keys with `laurel keys create`',
      ),
    );
  }
  return findings;
}

export const isLoopback = (host: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
