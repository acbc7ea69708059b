/** The headers of a mail as they stand in its bytes, unfolded, in their order. */
export function mimeHeaders(mime: Buffer): [name: string, value: string][] {
  const end = mime.indexOf('\r\n\r\n');
  const lines = mime
    .subarray(0, end === -1 ? mime.length : end)
    .toString('utf8')
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}
