import { useEffect, useRef } from 'react';

import type { RenderAnswer, Trial } from '../protocol.ts';
import { Data } from './data.tsx';
import type { Panel } from './place.ts';
import { Why } from './why.tsx';
import { useWide } from './wide.ts';

type Props = {
  readonly answer: RenderAnswer | null;
  readonly panel: Panel | null;
  readonly stale: boolean;
  readonly onPanel: (panel: Panel) => void;
  readonly onClose: () => void;
  readonly onTry: (trial: Trial) => void;
  readonly onChange: (path: string, value: string) => void;
};

/** Why the mail looks as it does, and what could be changed: a column, or a drawer beside the mail on a narrow page. */
export function Inspector({ answer, panel, stale, onPanel, onClose, onTry, onChange }: Props) {
  const wide = useWide(1200);
  const aside = useRef<HTMLElement>(null);
  const open = wide || panel !== null;
  const chosen = panel ?? 'why';

  const wasOpen = useRef(open);
  useEffect(() => {
    // Opened by hand: the keyboard goes along. Opened with the page: it doesn't.
    if (!wide && open && !wasOpen.current) aside.current?.querySelector('button')?.focus();
    wasOpen.current = open;
  }, [open, wide]);

  if (!open) return null;
  return (
    <aside
      ref={aside}
      className={stale ? 'inspector stale' : 'inspector'}
      aria-label="Why and data"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !wide) onClose();
      }}
    >
      <div className="inspector-head">
        <div className="tabs" role="group" aria-label="Panel">
          <button type="button" aria-pressed={chosen === 'why'} onClick={() => onPanel('why')}>
            Why
          </button>
          <button type="button" aria-pressed={chosen === 'data'} onClick={() => onPanel('data')}>
            Data
          </button>
        </div>
        {!wide && (
          <button type="button" className="plain close" onClick={onClose}>
            Close
          </button>
        )}
      </div>
      <div
        className="inspector-body"
        tabIndex={0}
        role="region"
        aria-label={chosen === 'why' ? 'Why' : 'Data'}
      >
        {answer &&
          (chosen === 'why' ? (
            <Why answer={answer} onTry={onTry} />
          ) : (
            <Data key={answer.persona} controls={answer.controls} onChange={onChange} />
          ))}
      </div>
    </aside>
  );
}
