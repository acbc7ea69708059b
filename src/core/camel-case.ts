/** `points-banner` as `pointsBanner`: what is named in kebab case where a template or a message reads it. */
export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
