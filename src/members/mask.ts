/** Enough to recognise an identity, too little to use it: `a***@example.com`, `***4711`. */
export function maskIdentity(kind: string, value: string): string {
  if (kind !== 'email') return `***${value.length > 6 ? value.slice(-4) : ''}`;
  const at = value.lastIndexOf('@');
  return at < 1 ? '***' : `${/^./su.exec(value)?.[0] ?? ''}***${value.slice(at)}`;
}
