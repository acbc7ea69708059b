/** The database with fixtures that goes with the empty one. */
export const fixturesOf = (template: string): string => template.replace('template', 'fixtures');
