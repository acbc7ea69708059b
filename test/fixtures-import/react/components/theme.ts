export const colours = { page: '#fafafa', muted: '#777777' } as const;
