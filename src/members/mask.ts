/** `a***@example.com`: enough to recognise, too little to write to. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '***' : `${/^./su.exec(address)?.[0] ?? ''}***${address.slice(at)}`;
}

/** Enough to recognise an identity, too little to use it: `a***@example.com`, `***4711`. */
export function maskIdentity(kind: string, value: string): string {
  if (kind !== 'email') return `***${value.length > 6 ? value.slice(-4) : ''}`;
  return maskAddress(value);
}
