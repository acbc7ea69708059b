import { keptValues } from '../src/core/memo.ts';
import { openReading } from '../src/render/check/axe.ts';
import type { Found } from '../src/render/check/finding.ts';

type Read = readonly Found[] | { readonly skipped: string };

/** A browser nobody asks anything is closed again. */
const idleMs = 30_000;
const keptAnswers = 200;

/**
 * Reads mails in a browser that is opened when first needed, one after the other, each once.
 * @param chromiumPath null: there is none to be used
 */
export function openReader(
  chromiumPath: string | null,
): (hash: string, html: string) => Promise<Read> {
  const answers = keptValues<Read>(keptAnswers);
  let reading: ReturnType<typeof openReading> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const read = async (html: string): Promise<Read> => {
    if (chromiumPath === null) return { skipped: 'no browser was named' };
    clearTimeout(idle);
    reading ??= openReading(chromiumPath);
    const opened = await reading;
    if ('skipped' in opened) return opened;
    try {
      return await opened.look(html);
    } finally {
      idle = setTimeout(() => {
        reading = null;
        void opened.close();
      }, idleMs);
    }
  };
  return (hash, html) =>
    answers.get(hash, () => {
      const answer = last.then(() => read(html));
      last = answer.catch(() => {
        // A browser that died is opened anew, and this mail may be asked for again.
        reading = null;
      });
      return answer;
    });
}
