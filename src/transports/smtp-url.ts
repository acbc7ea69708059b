import { z } from 'zod';

import { parseUrl } from '../core/parse-url.ts';

/** When to encrypt: `required` insists on STARTTLS with a valid certificate, `opportunistic` takes it when offered, unverified. */
const Tls = z.enum(['required', 'opportunistic', 'off']);

/** A mail server as its URL names it. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** `implicit` for smtps: TLS from the first byte, certificate verified. */
  readonly tls: z.infer<typeof Tls> | 'implicit';
  readonly auth?: { readonly user: string; readonly pass: string };
  /** What we call ourselves in EHLO; the host's own name when left out. */
  readonly name?: string;
};

/**
 * Reads `smtp://user:secret@mail.example.com:587?tls=required` or `smtps://…`. Without `tls`, a login to another machine needs
 * encryption and anything else takes it when offered.
 * @throws Error saying what is wrong, without the secret.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = parseUrl(text);
  if (url === null) throw new Error('SMTP URL must look like smtp://mail.example.com:587');
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw new Error(`SMTP URL must start with smtp:// or smtps://, not ${url.protocol}//`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw new Error('SMTP URL names no host');
  const unknown = [...url.searchParams.keys()].filter((key) => key !== 'tls' && key !== 'name');
  if (unknown.length > 0)
    throw new Error(
      `SMTP URL has an unknown setting "${unknown.join('", "')}"; known are tls, name`,
    );
  const wanted = Tls.optional().safeParse(url.searchParams.get('tls') ?? undefined);
  if (!wanted.success) throw new Error('SMTP URL: tls must be one of required, opportunistic, off');
  if ((url.username === '') !== (url.password === ''))
    throw new Error('SMTP URL needs both a user and a password, or neither');

  const implicit = url.protocol === 'smtps:';
  const auth =
    url.username === ''
      ? null
      : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  const name = url.searchParams.get('name');
  if (name !== null && !/^[\w.[\]:-]+$/.test(name))
    throw new Error('SMTP URL: name must be a host name');
  return {
    host,
    port: url.port === '' ? (implicit ? 465 : auth ? 587 : 25) : Number(url.port),
    tls: implicit
      ? 'implicit'
      : (wanted.data ?? (auth && !isLocal(host) ? 'required' : 'opportunistic')),
    ...(auth && { auth }),
    ...(name !== null && { name }),
  };
}

const isLocal = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.');
