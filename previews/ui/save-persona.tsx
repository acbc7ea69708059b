import { useEffect, useEffectEvent, useState } from 'react';

import type { Reads } from '../../src/personas/persona.ts';
import type { PersonaEntry, RenderQuery } from '../protocol.ts';
import { savePersona } from './answers.ts';

type Props = {
  readonly query: RenderQuery;
  /** What is other about it. */
  readonly title: string;
  readonly reads: Reads;
  readonly personas: readonly PersonaEntry[];
  /** It is among the personas. */
  readonly onSaved: (persona: PersonaEntry) => void;
};

type State =
  | { readonly kind: 'asked' | 'saving' }
  | { readonly kind: 'saved'; readonly id: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Keeps what is tried as a persona of the brand, and opens it. */
export function SavePersona({ query, title, reads, personas, onSaved }: Props) {
  const [state, setState] = useState<State>({ kind: 'asked' });
  const saved = state.kind === 'saved' ? personas.find(({ id }) => id === state.id) : undefined;
  const known = saved !== undefined;
  const tell = useEffectEvent(() => saved && onSaved(saved));
  // Once: lists are read again with every save.
  useEffect(() => {
    if (known) tell();
  }, [known]);
  const save = async () => {
    setState({ kind: 'saving' });
    const answer = await savePersona({ request: query, title, reads });
    setState(
      'id' in answer
        ? { kind: 'saved', id: answer.id }
        : {
            kind: 'failed',
            why: [answer.title, ...answer.problems.map(({ message }) => message)].join(': '),
          },
    );
  };
  const busy = state.kind === 'saving' || state.kind === 'saved';
  return (
    <>
      <button
        type="button"
        className="plain"
        aria-label={`Save as persona: ${title}`}
        disabled={busy || title.trim() === ''}
        onClick={() => void save()}
      >
        {known ? 'Saved' : busy ? 'Saving …' : 'Save as persona'}
      </button>
      {state.kind === 'failed' && (
        <span className="bad" role="alert">
          {state.why}
        </span>
      )}
    </>
  );
}

type ChangedProps = Omit<Props, 'title'> & { readonly suggested: string };

/** The same of what was changed by hand, with words for it. */
export function SaveChanged({ suggested, ...props }: ChangedProps) {
  const [title, setTitle] = useState<string | null>(null);
  if (title === null)
    return (
      <button type="button" className="plain" onClick={() => setTitle(suggested)}>
        Save as persona …
      </button>
    );
  return (
    <span className="save-changed">
      <label>
        <span className="hidden">What is other about this persona</span>
        <input
          type="text"
          autoFocus
          onFocus={({ target }) => target.select()}
          maxLength={100}
          value={title}
          onChange={({ target }) => setTitle(target.value)}
          onKeyDown={({ key }) => key === 'Escape' && setTitle(null)}
        />
      </label>
      <SavePersona {...props} title={title} />
    </span>
  );
}
