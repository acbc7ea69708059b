import { lazy, Suspense, useState } from 'react';

import type { SourceFile } from '../protocol.ts';
import { useAnswer } from './answers.ts';
import { ErrorNotice } from './error-report.tsx';

/** Of use to few, and larger than all the rest: fetched when it is. */
export const Code = lazy(() => import('./code.tsx'));

/** What stands where a source is about to be. */
export const Opening = () => (
  <p className="quiet" role="status">
    Opening the source …
  </p>
);

type Props = {
  readonly template: string;
  /** Its words are listed first. */
  readonly locale: string;
  readonly version: number;
};

/** The files a mail is made of, as they are saved. */
export function TemplateView({ template, locale, version }: Props) {
  const { answer: files, report } = useAnswer<readonly SourceFile[]>(
    `/api/sources/${encodeURIComponent(template)}`,
    version,
  );
  const [chosen, setChosen] = useState<string | null>(null);
  if (report) return <ErrorNotice report={report} />;
  if (!files) return <Opening />;
  const words = files.find(({ file }) => file.endsWith(`/locales/${locale}.json`));
  const shown = files.find(({ file }) => file === chosen) ?? files[0];
  if (!shown) return <p className="quiet">There is no file of it.</p>;
  return (
    <>
      <label className="field source-file">
        <span>File</span>
        <select value={shown.file} onChange={({ target }) => setChosen(target.value)}>
          {[...new Set([files[0], words, ...files])].map(
            (one) =>
              one && (
                <option key={one.file} value={one.file}>
                  {one.file}
                </option>
              ),
          )}
        </select>
      </label>
      <Suspense fallback={<Opening />}>
        <Code text={shown.text} file={shown.file} label={shown.file} />
      </Suspense>
    </>
  );
}
