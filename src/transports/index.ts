import { InvalidInput } from '../core/errors.ts';
import { openOutbox } from './outbox.ts';
import type { SmtpLimits } from './smtp-limits.ts';
import { openSmtp } from './smtp.ts';
import type { Transport } from './transport.ts';

/** Of the configuration, what transports are opened with. */
export type TransportSettings = {
  /** Where mails are handed over; its scheme says by which transport. A folder takes them when left out. */
  readonly smtpUrl: string | undefined;
  /** Connections at most. */
  readonly smtpPool: number;
  readonly smtpLimits: SmtpLimits;
  readonly outboxFolder: string;
};

/** One way to hand mails over. */
export type TransportKind = {
  /** As addresses of it begin, with the colon. */
  readonly schemes: readonly string[];
  readonly open: (url: string, settings: TransportSettings) => Transport;
};

/** Every transport of Laurel's that an address can name; a new one is a file and a line here. */
export const transports: readonly TransportKind[] = [
  {
    schemes: ['smtp:', 'smtps:'],
    open: (url, { smtpPool: poolSize, smtpLimits: limits }) => openSmtp({ url, poolSize, limits }),
  },
];

/** A transport file's one export. */
export const defineTransport = (kind: TransportKind): TransportKind => kind;

/**
 * Opens the transport that the settings name.
 * @throws InvalidInput where there is none for the address, Error where it is unusable
 */
export function openTransport(settings: TransportSettings, kinds = transports): Transport {
  const { smtpUrl: url, outboxFolder: folder } = settings;
  if (url === undefined) return openOutbox({ folder });
  const { protocol } = new URL(url);
  const kind = kinds.find(({ schemes }) => schemes.includes(protocol));
  if (!kind)
    throw new InvalidInput([
      {
        path: 'SMTP_URL',
        message: `must be an address that starts with ${kinds
          .flatMap(({ schemes }) => schemes)
          .map((scheme) => `${scheme}//`)
          .join(' or ')}`,
      },
    ]);
  return kind.open(url, settings);
}
