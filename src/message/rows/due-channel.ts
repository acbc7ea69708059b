/** The channel on which the relay hears that something is due. */
export const dueChannel = 'laurel_due';
