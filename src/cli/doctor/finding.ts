/** One thing that was looked at. `fail`: it will not work like this; `warn`: it works, and somebody should know. */
export type Finding = {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What it is about: `Postgres`, `DNS`. */
  readonly area: string;
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
};

type Say = (text: string, fix?: string) => Finding;

/** Findings of one area. */
export function about(area: string): Record<Finding['level'], Say> {
  const say =
    (level: Finding['level']): Say =>
    (text, fix) => ({ level, area, text, ...(fix !== undefined && { fix }) });
  return { ok: say('ok'), warn: say('warn'), fail: say('fail') };
}
