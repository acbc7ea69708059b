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

type TransportKind = {
  /** As addresses of it begin, with the colon. */
  readonly schemes: readonly string[];
  readonly open: (url: string, settings: TransportSettings) => Transport;
};

/** Every transport that an address can name; a new one is a file and a line here. */
const transports: readonly TransportKind[] = [
  {
    schemes: ['smtp:', 'smtps:'],
    open: (url, { smtpPool: poolSize, smtpLimits: limits }) => openSmtp({ url, poolSize, limits }),
  },
];

/** The schemes that the address may have. */
export const transportSchemes = transports.flatMap(({ schemes }) => schemes);

/** Opens the transport that the settings name. @throws Error where the address is unusable */
export function openTransport(settings: TransportSettings): Transport {
  const { smtpUrl: url, outboxFolder: folder } = settings;
  if (url === undefined) return openOutbox({ folder });
  const { protocol } = new URL(url);
  const kind = transports.find(({ schemes }) => schemes.includes(protocol));
  if (!kind)
    throw new Error(
      `no transport takes ${protocol} addresses; there are ${transportSchemes.join(', ')}`,
    );
  return kind.open(url, settings);
}
