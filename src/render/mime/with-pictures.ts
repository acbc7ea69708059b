import type { Email } from '../../contract/email.ts';

/** A browser has no mail around the html: pictures that travel with the mail are put into it. */
export const withPictures = ({
  html,
  attachments = [],
}: Pick<Email, 'html' | 'attachments'>): string =>
  attachments.reduce(
    (shown, { cid, contentType, content }) =>
      cid === undefined
        ? shown
        : shown.replaceAll(
            `cid:${cid}`,
            `data:${contentType};base64,${Buffer.from(content).toString('base64')}`,
          ),
    html,
  );
