/** Single keys as shortcuts, unless someone is typing or choosing. */
export function actKey(event: KeyboardEvent, actions: Readonly<Record<string, () => void>>): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { target } = event;
  if (!(target instanceof HTMLElement)) return;
  if (target.closest('input, select, textarea, [role="listbox"], dialog')) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}
