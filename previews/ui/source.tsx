import { useState } from 'react';

import { CopyButton } from './copy-button.tsx';

type Props = { readonly text: string; readonly label: string; readonly className: string };

/** A text as it is, to read, search and copy. */
export function Source({ text, label, className }: Props) {
  const [sought, setSought] = useState('');
  const parts = sought === '' ? [text] : split(text, sought);
  const found = Math.floor(parts.length / 2);
  return (
    <div className="source">
      <div className="source-bar">
        <input
          type="search"
          placeholder="Search in it"
          aria-label="Search in this view"
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
        <span role="status" className="quiet">
          {sought !== '' && `${found} found`}
        </span>
        <CopyButton text={text} />
      </div>
      <pre className={className} tabIndex={0} aria-label={label}>
        {parts.map((part, index) =>
          // What was found stands between what wasn't.
          index % 2 === 1 ? <mark key={index}>{part}</mark> : part,
        )}
      </pre>
    </div>
  );
}

/** Unfound and found in turn; a thousand are enough. */
function split(text: string, sought: string): string[] {
  const [low, wanted] = [text.toLowerCase(), sought.toLowerCase()];
  const parts: string[] = [];
  let from = 0;
  for (
    let at = low.indexOf(wanted);
    at >= 0 && parts.length < 2000;
    at = low.indexOf(wanted, from)
  ) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
