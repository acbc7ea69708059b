/** SQL: only where a message `m` can lie that was accepted at or after this time. Weeks before aren't looked into. */
export const filedAfter = (time: string): string =>
  `(m.filed_at is null or m.filed_at >= ${time} - interval '1 day')`;

/** SQL: only where a message `m` with this id, or of a campaign with this id, can lie. */
export const filedSince = (id: string): string =>
  `(m.filed_at is null or m.filed_at >= laurel.made_since(${id}))`;
