/** MJML elements whose content is html, which MJML passes through. */
export const contentElements: ReadonlySet<string> = new Set([
  'mj-text',
  'mj-button',
  'mj-table',
  'mj-raw',
  'mj-title',
  'mj-preview',
  'mj-style',
  'mj-html-attribute',
  'mj-navbar-link',
  'mj-social-element',
  'mj-accordion-title',
  'mj-accordion-text',
]);

/** Attributes of MJML elements that come out as they went in; with all others MJML calculates. */
export const passedOn: ReadonlySet<string> = new Set(['alt', 'title']);

/** MJML counts the children of these, whatever they are. */
export const countedParents: ReadonlySet<string> = new Set([
  'mj-wrapper',
  'mj-section',
  'mj-group',
]);
