/**
 * Follows a preheader, unseen: mail lists would go on with the mail's first words otherwise. Each pair is as wide as a
 * figure, which lists don't fold, and some show 150 characters.
 */
export const preheaderPadding = '\u2007\u034F'.repeat(120);
