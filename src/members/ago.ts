const units = [
  ['year', 365 * 24 * 60],
  ['month', 30 * 24 * 60],
  ['day', 24 * 60],
  ['hour', 60],
  ['minute', 1],
] as const;

/** `20 minutes ago`, `3 days ago`: the largest unit that fits, rounded down. */
export function ago(minutes: number): string {
  const [unit, size] = units.find(([, minutesOf]) => minutes >= minutesOf) ?? ['minute', 1];
  const count = Math.floor(minutes / size);
  if (count < 1) return 'just now';
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
