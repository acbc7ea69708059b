import { useEffect, useState } from 'react';

import type { Sentence, SentenceRequest } from '../protocol.ts';
import { sentenceOf } from './answers.ts';
import { languageName } from './language.ts';

type Props = {
  /** What was clicked, and where; another object asks again. */
  readonly of: SentenceRequest;
  readonly onClose: () => void;
};

/** Where a sentence of the mail is written, and how it reads in every language. */
export function SentenceCard({ of, onClose }: Props) {
  const [found, setFound] = useState<{
    readonly of: SentenceRequest;
    readonly sentence: Sentence | null;
  } | null>(null);
  useEffect(() => {
    let current = true;
    const ask = async () => {
      const answer = await sentenceOf(of);
      if (current) setFound({ of, sentence: 'sentence' in answer ? answer.sentence : null });
    };
    void ask();
    return () => {
      current = false;
    };
  }, [of]);
  const sentence = found?.of === of ? found.sentence : null;
  if (!sentence) return null;
  const own = sentence.languages.find(({ locale }) => locale === of.locale);
  return (
    <section className="sentence-card" aria-label="This sentence">
      <h2 className="small-title">
        This sentence{' '}
        <button type="button" className="plain" onClick={onClose}>
          Close
        </button>
      </h2>
      <p>
        <code>{sentence.key}</code>
        {own && (
          <>
            {' in '}
            <code>
              {own.file}:{own.line}
            </code>
          </>
        )}
      </p>
      <dl className="languages">
        {sentence.languages.map(({ locale, text, file, line }) => (
          <div key={locale} title={`${file}:${line}`}>
            <dt>{languageName(locale)}</dt>
            <dd lang={locale} dir="auto">
              {text}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
