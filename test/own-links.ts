/** A mail's text or html without what links of the member's own are sealed with: they name the mail they stand in, so each differs. */
export const withoutOwnLinks = (text: string | undefined): string | undefined =>
  text?.replaceAll(/\/([up])\/[\w-]{40,}/g, '/$1/…');
