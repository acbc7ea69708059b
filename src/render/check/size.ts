import { error, fine, type MailCheck, warning } from './finding.ts';

/** Gmail cuts a mail off behind this and hides the rest, the link to unsubscribe first. Source: observed, 102 KiB. */
export const clippedBytes = 102 * 1024;
/** From here on a longer order or a further block may cross the limit. */
const amberBytes = 90 * 1000;

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

export const size: MailCheck = {
  name: 'size',
  look: ({ html, blockSizes }) => {
    const bytes = Buffer.byteLength(html);
    if (bytes < amberBytes) return [fine(`${kilobytes(bytes)} of html; Gmail cuts at 102 KB`)];
    const blocks = blockSizes().map((one) => `${one.block} ${kilobytes(one.bytes)}`);
    const parts = blocks.length > 0 ? ` (${blocks.join(', ')})` : '';
    return bytes > clippedBytes
      ? [
          error(
            `${kilobytes(bytes)} of html${parts}: Gmail cuts it at 102 KB and hides the rest`,
            'shorten lists, take out a block, or say less of each item',
          ),
        ]
      : [
          warning(
            `${kilobytes(bytes)} of html${parts}; Gmail cuts at 102 KB`,
            'leave room: a longer order than this one crosses the limit',
          ),
        ];
  },
};
