/** A statement waited for a message that was filed meanwhile: Postgres lets nobody follow it there. */
const isMoved = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === '40001' &&
  error.message.includes('another partition');

/** A message is filed once. That often, and of several one after another: something else is wrong then. */
const mostLooks = 10;

/** Does it again where the message it waited for was filed meanwhile. Not within a transaction: that is over then. */
export async function lookingAgain<T>(work: () => Promise<T>): Promise<T> {
  for (let look = 1; ; look += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isMoved(error) || look === mostLooks) throw error;
    }
  }
}
