import SMTPConnection from 'nodemailer/lib/smtp-connection';

import { TemporaryError } from '../core/errors.ts';
import type { SmtpLimits } from './smtp-limits.ts';
import { describeReply, parseReplyText, sessionRefusal } from './smtp-reply.ts';
import type { SmtpServer } from './smtp-url.ts';

export type ConnectOptions = {
  readonly server: SmtpServer;
  /** Certificates to trust besides the system's, as PEM. */
  readonly ca?: string | undefined;
  readonly limits: SmtpLimits;
};

/**
 * Connects, encrypts and logs in with nodemailer's connection layer. Whatever goes wrong here says nothing about a mail,
 * so that it is always temporary.
 * @throws TemporaryError `smtp-unreachable`, `smtp-tls`, `smtp-auth` or `smtp-<reply>`
 */
export function connectSmtp(options: ConnectOptions): Promise<SMTPConnection> {
  const { server, ca, limits } = options;
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.tls === 'implicit',
    requireTLS: server.tls === 'required',
    ignoreTLS: server.tls === 'off',
    tls: { ...(ca !== undefined && { ca }), rejectUnauthorized: server.tls !== 'opportunistic' },
    ...(server.name !== undefined && { name: server.name }),
    connectionTimeout: limits.connect,
    greetingTimeout: limits.connect,
    dnsTimeout: limits.connect,
    // Of its own commands: EHLO, STARTTLS, login.
    socketTimeout: limits.command,
    socketCloseTimeout: 2000,
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      // First, because closing reports an end as well.
      reject(connectFailure(error, server));
      connection.close();
    };
    // Stays on for good: an EventEmitter without an `error` listener throws.
    connection.on('error', fail);
    connection.once('end', () => fail(new Error('the connection was closed')));
    connection.connect((error) => {
      if (error) return fail(error);
      if (!server.auth) return resolve(connection);
      connection.login({ ...server.auth }, (refused) => {
        if (refused) fail(refused);
        else resolve(connection);
      });
    });
  });
}

function connectFailure(error: Error, { host, port }: SmtpServer): TemporaryError {
  const code = field(error, 'code');
  const response = field(error, 'response');
  const where = `mail server ${host}:${port}`;
  const reply = response === undefined ? null : parseReplyText(response);
  const cause = field(error, 'originalCode') ?? '';
  if (code === 'ETLS' || /CERT|SSL|TLS|SELF_SIGNED|VERIFY/.test(cause))
    return new TemporaryError('smtp-tls', `no secure connection to ${where}: ${error.message}`);
  if (code === 'EAUTH') {
    const said = reply ? describeReply(reply) : error.message;
    return new TemporaryError('smtp-auth', `${where} refused the login: ${said}`);
  }
  if (reply) {
    const { code: refused, message } = sessionRefusal(reply);
    return new TemporaryError(refused, `${where} refused the connection: ${message}`);
  }
  return new TemporaryError('smtp-unreachable', `${where} can't be reached: ${error.message}`);
}

function field(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
