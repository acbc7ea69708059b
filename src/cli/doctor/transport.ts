import type { Config } from '../../config.ts';
import { readDkimKeys } from '../../transports/dkim.ts';
import { openOutbox } from '../../transports/outbox.ts';
import { parseSmtpUrl } from '../../transports/smtp-url.ts';
import { openSmtp } from '../../transports/smtp.ts';
import { reasonOf } from '../failure.ts';
import { about, type Finding } from './finding.ts';
import { isLoopback } from './surroundings.ts';

const { ok, warn, fail } = about('Mail');
const patienceMs = 10_000;

/** Whether a mail could be handed over now: connects, encrypts and logs in, and sends nothing. */
export async function checkTransport(config: Config): Promise<Finding[]> {
  return [...(await checkWay(config)), ...checkKeys(config)];
}

function checkKeys({ dkimKeys }: Config): Finding[] {
  try {
    const keys = readDkimKeys('DKIM_KEYS', dkimKeys);
    return keys.map(({ selector, algorithm }) =>
      ok(`signed with DKIM key ${selector}, ${algorithm}`),
    );
  } catch (error) {
    return [fail(reasonOf(error), 'correct DKIM_KEYS: selector:file pairs with commas between')];
  }
}

async function checkWay({ smtpUrl, outboxFolder }: Config): Promise<Finding[]> {
  if (smtpUrl === undefined) {
    const outbox = openOutbox({ folder: outboxFolder });
    try {
      await outbox.check();
      return [ok(`written to ${outboxFolder}, not sent; set SMTP_URL to send it`)];
    } catch (error) {
      return [fail(reasonOf(error), 'set OUTBOX_DIR to a folder that can be written to')];
    } finally {
      await outbox.close();
    }
  }
  try {
    const { host, port, tls, auth } = parseSmtpUrl(smtpUrl);
    const smtp = openSmtp({
      url: smtpUrl,
      poolSize: 1,
      limits: { connect: patienceMs, command: patienceMs },
    });
    try {
      await smtp.check();
    } finally {
      await smtp.close();
    }
    const encrypted = tls === 'implicit' || tls === 'required';
    const findings = [ok(`${host}:${port} takes mail${auth ? ', the login works' : ''}`)];
    if (!encrypted && !isLoopback(host)) {
      findings.push(
        warn(
          'the way to the mail server may be unencrypted, or encrypted to somebody else',
          'add ?tls=required to SMTP_URL, or use smtps://',
        ),
      );
    }
    return findings;
  } catch (error) {
    return [fail(reasonOf(error), 'correct SMTP_URL: host, port, user, password and ?tls=')];
  }
}
