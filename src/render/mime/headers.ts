import type { Brand } from '../../brand/brand.ts';
import type { Message } from '../../contract/message.ts';

/** The same for every attempt at a message, so that mailbox providers can drop a second copy. */
const messageIdHeader = (messageId: string, brand: Brand) =>
  `<${messageId}@${brand.from.address.split('@')[1] ?? 'localhost'}>`;

/**
 * Laurel's own headers. `Auto-Submitted` (RFC 3834) keeps robots from answering, `Feedback-ID` is how Gmail reports
 * complaints by stream, `List-Unsubscribe` with one click (RFC 8058) is due on everything commercial.
 */
export function mailHeaders({
  message,
  brand,
  unsubscribe,
  oneClick,
  at,
}: {
  message: Message;
  brand: Brand;
  unsubscribe: string | null;
  oneClick: boolean;
  at: Date;
}): [string, string][] {
  return [
    ['Message-ID', messageIdHeader(message.id, brand)],
    ['Date', at.toUTCString().replace('GMT', '+0000')],
    ['Auto-Submitted', 'auto-generated'],
    ['X-Auto-Response-Suppress', 'All'],
    [
      'Feedback-ID',
      `${message.campaignId ?? 'transactional'}:${message.template}:${brand.id}:laurel`,
    ],
    ...Object.entries(brand.headers ?? {}).map(([name, value]): [string, string] => [
      name,
      value.replaceAll('{messageId}', message.id),
    ]),
    ...(unsubscribe === null
      ? []
      : ([['List-Unsubscribe', `<${unsubscribe}>`]] as [string, string][])),
    ...(unsubscribe !== null && oneClick
      ? ([['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']] as [string, string][])
      : []),
  ];
}
