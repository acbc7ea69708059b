/**
 * Splits a Postgres URL into what `pg` takes, adding `extra` to the session options it may already carry.
 * Needed because `pg` lets the URL's `options` replace those given beside it.
 */
export function connectionOptions(
  url: string,
  extra: string,
): { connectionString: string; options: string } {
  const [address = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const own = parameters.get('options');
  parameters.delete('options');
  const rest = parameters.toString();
  return {
    connectionString: rest ? `${address}?${rest}` : address,
    options: own ? `${extra} ${own}` : extra,
  };
}
