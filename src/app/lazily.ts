/** Something that is opened when it is first asked for, and closed only where it was. What couldn't be opened is tried again. */
export function lazily<Thing extends { readonly close: () => Promise<void> }>(
  open: () => Promise<Thing>,
): { readonly open: () => Promise<Thing>; readonly close: () => Promise<void> } {
  let opening: Promise<Thing> | undefined;
  return {
    open: () => {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}
